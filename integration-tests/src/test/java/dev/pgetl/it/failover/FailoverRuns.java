package dev.pgetl.it.failover;

import static dev.pgetl.it.failover.FailoverScene.SLOT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many failovers: {@code -Dit.test=FailoverRuns -Dfailovers=100 -Dswitchovers=20 -Dsituations=10}.
 * Each has a new pair of servers, but for the switches there and back.
 */
class FailoverRuns {
  private static final Logger LOG = LoggerFactory.getLogger(FailoverRuns.class);
  private static final int FAILOVERS = Integer.getInteger("failovers", 4);
  private static final int SWITCHOVERS = Integer.getInteger("switchovers", 4);
  private static final int SITUATIONS = Integer.getInteger("situations", 1);
  private static final Duration LONGEST_GAP = Duration.ofSeconds(5);

  private final List<Long> gaps = new ArrayList<>();
  private int committed;

  /** Copies whose rows had not all arrived; others continue with the changes. */
  private long startedOver;

  /** The primary is killed under writes, every second time while a table is being copied. */
  @Test
  void nothingIsLostOverManyFailovers() throws InterruptedException {
    for (int i = 0; i < FAILOVERS; i++) {
      try (FailoverScene scene = FailoverScene.start()) {
        scene.servers().synchronise();
        scene.run().insert("before", 10).awaitApplied();
        scene.servers().awaitSynced(SLOT);
        if (i % 2 == 0) {
          failOverUnderWrites(scene);
          scene.assertConverged();
        } else {
          scene.stop();
          Hold copying = scene.publishAnother().runUntilCopying();
          failOverUnderWrites(scene);
          copying.release();
          scene.awaitReady().awaitApplied().assertConverged("big");
          startedOver += scene.destination().truncations("big") - 1;
        }
        assertThat(scene.copies()).isEqualTo(1);
        assertThat(scene.pipeline().status().failure()).isEmpty();
      }
      LOG.info("failover {} of {}: {} ms", i + 1, FAILOVERS, gaps.get(i));
    }
    report(
        "failovers, %d rows committed meanwhile, %d copies started over"
            .formatted(committed, startedOver));
  }

  /** Another session commits row by row until its server is gone. */
  private void failOverUnderWrites(FailoverScene scene) throws InterruptedException {
    AtomicInteger count = new AtomicInteger();
    Thread writer = new Thread(() -> write(scene, count));
    writer.start();
    long before = scene.changes();
    scene.destination().await("changes", recorded -> scene.changes() > before + 50);
    scene.servers().failOver();
    awaitStreaming(scene);
    writer.join();
    committed += count.get();
  }

  private static void write(FailoverScene scene, AtomicInteger committed) {
    try (Connection session = scene.servers().database().connect();
        Statement statement = session.createStatement()) {
      while (true) {
        statement.execute("insert into users(name) values ('meanwhile')");
        committed.incrementAndGet();
      }
    } catch (SQLException gone) {
      LOG.debug("the server is gone", gone);
    }
  }

  /** Remembers how long after the promotion the first row of the new primary comes. */
  private void awaitStreaming(FailoverScene scene) throws InterruptedException {
    long promoted = System.nanoTime();
    scene.insert("after", 1).awaitApplied();
    gaps.add(Duration.ofNanos(System.nanoTime() - promoted).toMillis());
  }

  /** The demoted primary follows the new one, and takes over again. */
  @Test
  void nothingIsLostOverManySwitches() throws IOException, InterruptedException {
    try (FailoverScene scene = FailoverScene.start()) {
      scene.servers().synchronise();
      scene.run();
      for (int i = 0; i < SWITCHOVERS; i++) {
        scene.insert("before switch " + i, 10).awaitApplied();
        scene.servers().awaitSynced(SLOT);
        scene.servers().switchOver();
        awaitStreaming(scene);
        LOG.info("switch {} of {}: {} ms", i + 1, SWITCHOVERS, gaps.get(i));
      }
      scene.assertConverged();
      assertThat(scene.copies()).isEqualTo(1);
      assertThat(scene.pipeline().status().failure()).isEmpty();
    }
    report("switches");
  }

  private void report(String what) {
    Collections.sort(gaps);
    LOG.info(
        "{} {}, streaming again after {} ms in the median, {} ms at most",
        gaps.size(),
        what,
        gaps.get(gaps.size() / 2),
        gaps.get(gaps.size() - 1));
    assertThat(gaps).allMatch(gap -> gap <= LONGEST_GAP.toMillis());
  }

  /** What a promoted standby may lack. */
  enum Lacking {
    /** What was delivered, and whose position was stored. */
    STORED,
    /** What was delivered and not stored by a process that lives. */
    DELIVERED,
    /** The same of a process that is dead. */
    DELIVERED_BY_THE_DEAD,
    /** The slot. */
    SLOT,
    /** The last positions of the slot, which is repeated. */
    SLOT_POSITION,
    /** Nothing; another client has read on from the slot. */
    NOTHING
  }

  private static final Set<Lacking> LACKS_TRANSACTIONS =
      EnumSet.range(Lacking.STORED, Lacking.DELIVERED_BY_THE_DEAD);

  @ParameterizedTest
  @EnumSource
  void whatIsLackingIsNamed(Lacking lacking) throws InterruptedException {
    for (int i = 0; i < SITUATIONS; i++) {
      try (FailoverScene scene = FailoverScene.start()) {
        Duration late = Duration.ofMinutes(5);
        scene.run(
            scene.destination(),
            options -> options.batch(BatchConfig.builder().maxAcceptedAge(late).build()));
        scene.insert("before", 10).awaitApplied();
        if (lacking != Lacking.SLOT) {
          scene.servers().syncOnce(SLOT);
        }
        if (LACKS_TRANSACTIONS.contains(lacking)) {
          scene.servers().cut();
        }
        lack(lacking, scene);
      }
    }
    LOG.info("{} of {}: {} named rightly", lacking, SITUATIONS, SITUATIONS);
  }

  private static void lack(Lacking lacking, FailoverScene scene) throws InterruptedException {
    switch (lacking) {
      case STORED -> {
        scene.insert("lost", 10).awaitApplied();
        scene.servers().failOver();
        scene.insert("others", 10).awaitFailure(ErrorKind.DIVERGED);
      }
      case DELIVERED -> {
        scene.destination().on(Operation.EVENTS).accept();
        scene.deliver("lost", 10);
        scene.servers().failOver();
        scene.insert("others", 10).awaitFailure(ErrorKind.DIVERGED);
      }
      case DELIVERED_BY_THE_DEAD -> {
        scene.dieAfterDelivering("lost", 10);
        scene.servers().failOver();
        scene.insert("others", 10).refused(ErrorKind.DIVERGED);
      }
      case SLOT -> {
        scene.servers().awaitReplayed();
        scene.servers().failOver();
        scene.insert("others", 10).awaitFailure(ErrorKind.SLOT_LOST);
      }
      case SLOT_POSITION -> {
        scene.insert("not synced", 10).awaitApplied();
        scene.servers().awaitReplayed();
        scene.servers().failOver();
        scene.insert("others", 10).awaitApplied().assertConverged();
        assertThat(scene.copies()).isEqualTo(1);
      }
      case NOTHING -> {
        scene.servers().awaitReplayed();
        scene.stop();
        scene.servers().failOver();
        scene.insert("read by another", 10).readByAnother().refused(ErrorKind.SLOT_LOST);
      }
    }
  }
}
