package dev.pgetl.testkit.contract;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import java.util.List;

/** Destinations and stores that do more than to say what is wrong, or say it of what works. */
final class DiagnosisMutants {
  private DiagnosisMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("diagnosis empties tables", "d20_aDiagnosis", EmptiesTables::new),
        new DestinationMutant("always ill", "d20_aDestination", AlwaysIll::new));
  }

  static List<StoreMutant> ofStores() {
    return List.of(new StoreMutant("diagnosis writes", "s12_", WritesAProbe::new));
  }

  private static final class EmptiesTables extends ReferenceDestination {
    private final Target emptied;

    EmptiesTables(Target target) {
      super(target);
      emptied = target;
    }

    @Override
    public List<Finding> diagnose() {
      synchronized (emptied) {
        emptied.clearAll();
      }
      return List.of();
    }
  }

  private static final class AlwaysIll extends ReferenceDestination {
    AlwaysIll(Target target) {
      super(target);
    }

    @Override
    public List<Finding> diagnose() {
      return List.of(Finding.of(FindingCode.DESTINATION_UNREACHABLE, "not asked"));
    }
  }

  private static final class WritesAProbe extends ReferenceStore {
    WritesAProbe(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public List<Finding> diagnose() {
      getTableReplicationStates()
          .keySet()
          .forEach(table -> write(layer -> layer.phases.remove(table)));
      return List.of();
    }
  }
}
