package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.testkit.store.AwaitingStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StoreContractsTest {

  @AfterEach
  void restoreTheReference() {
    MutatedStore.factory = ReferenceStore::new;
    MutatedStore.keepsCopyRanges = true;
  }

  static Stream<Function<StoreLayer, PipelineStore>> rightOnes() {
    return Stream.of(ReferenceStore::new, layer -> new AwaitingStore(new ReferenceStore(layer)));
  }

  @ParameterizedTest
  @MethodSource("rightOnes")
  void aRightStorePasses(Function<StoreLayer, PipelineStore> factory) {
    MutatedStore.factory = factory;
    ContractRun run = ContractRun.of(MutatedStore.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.aborted()).isEmpty();
  }

  /** The interface's default methods keep no ranges. */
  @Test
  void aStoreMayKeepNoRangesIfItSaysSo() {
    MutatedStore.factory = KeepsNoRanges::new;
    MutatedStore.keepsCopyRanges = false;
    ContractRun run = ContractRun.of(MutatedStore.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.aborted()).isNotEmpty().allMatch(name -> name.startsWith("r"));
    MutatedStore.keepsCopyRanges = true;
    assertThat(ContractRun.of(MutatedStore.class).failures())
        .anyMatch(name -> name.startsWith("r2_rangesSurvive"))
        .anyMatch(name -> name.startsWith("k2_"));
  }

  @Test
  void everyRuleHasATest() {
    List<String> tests = ContractRun.of(MutatedStore.class).all();
    for (String rule :
        List.of(
            "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "c1", "c2",
            "c3", "c4", "c5", "c6", "c7", "r1", "r2", "r3", "r4", "r5", "r6", "k1", "k2", "k3",
            "k4")) {
      assertThat(tests).as(rule).anyMatch(name -> name.startsWith(rule + "_"));
    }
  }

  static Stream<StoreMutant> mutants() {
    return Stream.of(
            StateStoreMutants.all(),
            SchemaStoreMutants.all(),
            CopyStoreMutants.all(),
            DiagnosisMutants.ofStores())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void aBrokenStoreIsCaughtByTheRuleItBreaks(StoreMutant mutant) {
    MutatedStore.factory = mutant.factory();
    assertThat(ContractRun.of(MutatedStore.class, mutant.rule()).failures()).isNotEmpty();
  }

  private static final class KeepsNoRanges extends ReferenceStore {
    KeepsNoRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<String> getCopyRanges(TableId id) {
      return Optional.empty();
    }

    @Override
    public int loadCopyRanges() {
      return 0;
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {}

    @Override
    public void deleteCopyRanges(TableId id) {}
  }
}
