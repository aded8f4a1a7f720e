package dev.pgetl.it.failover;

import static dev.pgetl.it.failover.FailoverScene.SLOT;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One failover after the other, each of a new pair of servers whose primary is killed under writes:
 * {@code -Dit.test=FailoverRuns -Dfailovers=20}. Every standby is listed, so that no history
 * diverges.
 */
class FailoverRuns {
  private static final Logger LOG = LoggerFactory.getLogger(FailoverRuns.class);
  private static final int COUNT = Integer.getInteger("failovers", 20);

  @Test
  void nothingIsLostOverManyFailovers() throws InterruptedException {
    int committed = 0;
    long events = 0;
    for (int i = 0; i < COUNT; i++) {
      try (FailoverScene scene = FailoverScene.start()) {
        scene.servers().synchronise();
        scene.run().insert("before", 10).awaitApplied();
        scene.servers().awaitSynced(SLOT);
        committed += writeWhile(scene);
        scene.insert("after", 1).awaitApplied();
        scene.assertConverged();
        assertThat(scene.copies()).isEqualTo(1);
        assertThat(scene.pipeline().status().failure()).isEmpty();
        events += scene.changes();
      }
    }
    LOG.info(
        "{} failovers, {} commits under way, {} events, 0 copies again, 0 differences",
        COUNT,
        committed,
        events);
  }

  /** Another session commits row by row until its server is gone. */
  private static int writeWhile(FailoverScene scene) throws InterruptedException {
    AtomicInteger committed = new AtomicInteger();
    Thread writer =
        new Thread(
            () -> {
              try (Connection session = scene.servers().database().connect();
                  Statement statement = session.createStatement()) {
                while (true) {
                  statement.execute("insert into users(name) values ('under way')");
                  committed.incrementAndGet();
                }
              } catch (SQLException gone) {
                LOG.debug("the server is gone", gone);
              }
            });
    writer.start();
    long before = scene.changes();
    scene.destination().await("changes", recorded -> scene.changes() > before + 50);
    scene.servers().failOver();
    writer.join();
    return committed.get();
  }
}
