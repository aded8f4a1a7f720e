package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.testkit.destination.RecordingDestination;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DestinationContractTest {

  @AfterEach
  void restoreTheReference() {
    MutatedDestination.factory = ReferenceDestination::new;
  }

  static Stream<Function<Target, Destination>> rightOnes() {
    return Stream.of(
        ReferenceDestination::new,
        AcceptingDestination::new,
        target -> new RecordingDestination(new AcceptingDestination(target)));
  }

  @ParameterizedTest
  @MethodSource("rightOnes")
  void aRightDestinationPasses(Function<Target, Destination> factory) {
    MutatedDestination.factory = factory;
    ContractRun run = ContractRun.of(MutatedDestination.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.aborted()).isEmpty();
  }

  /** What takes events one by one shows parts of transactions. */
  @Test
  void anEventHandlerPassesWhatConcernsEvents() {
    MutatedDestination.factory = HandlingDestination::new;
    ContractRun run = ContractRun.of(MutatedDestination.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.aborted()).allMatch(name -> name.matches("d(18|21)_.*"));
  }

  @Test
  void everyRuleHasATest() {
    List<String> tests = ContractRun.of(MutatedDestination.class).all();
    for (int rule = 1; rule <= 21; rule++) {
      String prefix = "d" + rule + "_";
      assertThat(tests).as(prefix).anyMatch(name -> name.startsWith(prefix));
    }
  }

  static Stream<DestinationMutant> mutants() {
    return Stream.of(
            DestinationMutants.all(),
            CopyMutants.all(),
            RemovalMutants.all(),
            ReplacementMutants.all(),
            LastKeyMutants.all(),
            EpochMutants.all(),
            WholeCallsMutants.all(),
            DiagnosisMutants.all(),
            RefusalMutants.all())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void aBrokenDestinationIsCaughtByTheRuleItBreaks(DestinationMutant mutant) {
    MutatedDestination.factory = mutant.factory();
    assertThat(ContractRun.of(MutatedDestination.class, mutant.rule()).failures()).isNotEmpty();
  }
}
