package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.store.PipelineStore;
import dev.pgetl.testkit.store.AwaitingStore;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LeaseContractTest {
  @BeforeEach
  void impatient() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(2));
  }

  @AfterEach
  void restore() {
    Awaitility.reset();
    MutatedLeases.factory = LeasedStore::new;
  }

  static Stream<Function<StoreLayer, PipelineStore>> rightOnes() {
    return Stream.of(LeasedStore::new);
  }

  @ParameterizedTest
  @MethodSource("rightOnes")
  void aRightStorePasses(Function<StoreLayer, PipelineStore> factory) {
    MutatedLeases.factory = factory;
    ContractRun run = ContractRun.of(MutatedLeases.class);
    assertThat(run.failures()).isEmpty();
    assertThat(run.aborted()).isEmpty();
  }

  @Test
  void aWrappedStoreHasTheLeasesOfItsTarget() {
    LeasedStore target = new LeasedStore(new StoreLayer());
    assertThat(new AwaitingStore(target).leases()).contains(target);
    assertThat(new ReferenceStore().leases()).isEmpty();
  }

  @Test
  void everyRuleHasATest() {
    List<String> tests = ContractRun.of(MutatedLeases.class).all();
    for (int rule = 1; rule <= 8; rule++) {
      String prefix = "o" + rule + "_";
      assertThat(tests).as(prefix).anyMatch(name -> name.startsWith(prefix));
    }
  }

  static Stream<StoreMutant> mutants() {
    return LeaseMutants.all().stream();
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void aBrokenStoreIsCaughtByTheRuleItBreaks(StoreMutant mutant) {
    MutatedLeases.factory = mutant.factory();
    assertThat(ContractRun.of(MutatedLeases.class, mutant.rule()).failures()).isNotEmpty();
  }
}
