package dev.pgetl.it.failover;

import static dev.pgetl.it.failover.FailoverScene.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A standby of the source takes over: the pipeline continues there, or says why it cannot. */
class FailoverIT {
  @BeforeAll
  static void failoverSlots() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(17);
  }

  @Test
  void streamingContinuesOnThePromotedServer() throws InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.servers().synchronise();
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().awaitSynced(SLOT);
      scene.insert("last", 10);
      scene.servers().awaitReplayed();
      scene.servers().failOver();
      scene.insert("after", 10).awaitApplied();
      scene.assertConverged();
      assertThat(scene.copies()).isEqualTo(1);
      assertThat(scene.pipeline().status().failure()).isEmpty();

      scene.stop();
      scene.insert("while it was stopped", 10);
      scene.run().awaitApplied();
      scene.assertConverged();
      assertThat(scene.copies()).isEqualTo(1);
    }
  }

  @Test
  void streamingContinuesAfterASwitchThereAndBack() throws IOException, InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.servers().synchronise();
      scene.run();
      for (String before : List.of("there", "back")) {
        scene.insert(before, 10).awaitApplied();
        scene.servers().awaitSynced(SLOT);
        scene.servers().switchOver();
        scene.insert("after " + before, 10).awaitApplied();
      }
      scene.assertConverged();
      assertThat(scene.copies()).isEqualTo(1);
    }
  }

  /** The server warns of the standby, with the SQLSTATE of a publication that is missing. */
  @Test
  void aStandbyThatIsGoneHoldsChangesBackUntilItIsNotListed() throws InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.servers().synchronise();
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().loseStandby();
      scene.insert("held back", 10);
      Lsn end = scene.servers().database().currentLsn();
      Pipeline pipeline = scene.pipeline();
      assertThat(pipeline.awaitApplied(end, Duration.ofSeconds(2), Set.of())).isFalse();
      assertThat(pipeline.status().failure()).isEmpty();
      scene.servers().unlistStandby();
      scene.awaitApplied().assertConverged();
    }
  }

  @Test
  void aServerThatLacksWhatWasDeliveredHasDiverged() throws InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().syncOnce(SLOT);
      scene.servers().cut();
      scene.insert("lost", 10).awaitApplied();
      scene.servers().failOver();
      scene.insert("others", 10);
      EtlException failure = scene.awaitFailure(ErrorKind.DIVERGED);
      assertThat(failure).hasMessageContainingAll("timeline 1", "timeline 2", "RECREATE");

      EtlException again = scene.refused(ErrorKind.DIVERGED);
      assertThat(again).hasMessageContaining("has received transactions that the server lacks");
      scene.run(
          scene.destination(),
          options -> options.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE));
      scene.awaitApplied();
      scene.assertConverged();
      assertThat(scene.copies()).isEqualTo(2);
    }
  }

  @Test
  void whatADeadProcessDeliveredIsAskedOfTheDestination() throws InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().syncOnce(SLOT);
      scene.servers().cut();
      scene.dieAfterDelivering("lost", 10);
      scene.servers().failOver();
      scene.insert("others", 10);
      EtlException known = scene.refused(ErrorKind.DIVERGED);
      assertThat(known).hasMessageContaining("has received transactions that the server lacks");
      Silent silent = new Silent(scene.destination());
      EtlException unknown = scene.refused(ErrorKind.DIVERGED, silent, options -> options);
      assertThat(unknown).hasMessageContainingAll("unknown", "acceptUnknownDivergence");
      scene.run(silent, options -> options.acceptUnknownDivergence(true)).awaitApplied();
      assertThat(scene.copies()).isEqualTo(1);
    }
  }

  @Test
  void anOlderSlotRepeatsAndANewerOrMissingOneIsLost() throws InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().syncOnce(SLOT);
      scene.insert("not synced", 10).awaitApplied();
      scene.servers().awaitReplayed();
      scene.stop();
      scene.servers().failOver();
      scene.insert("after", 10);
      scene.run().awaitApplied();
      scene.assertConverged();
      assertThat(scene.copies()).isEqualTo(1);

      scene.stop();
      scene.insert("read by another", 1).readByAnother();
      assertThat(scene.refused(ErrorKind.SLOT_LOST)).hasMessageContaining("ahead");
      scene.servers().database().execute("select pg_drop_replication_slot('" + SLOT + "')");
      assertThat(scene.refused(ErrorKind.SLOT_LOST)).hasMessageContaining("does not exist");
    }
  }
}
