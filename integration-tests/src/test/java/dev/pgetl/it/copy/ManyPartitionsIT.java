package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.config.ReadBy;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A table with so many partitions that not all connections can lock all of them. With {@code
 * -Dpartitions=500,1000,2000} the server is one of {@code max_connections = 100} with the default
 * {@code max_locks_per_transaction}, and the time is printed for each of these numbers.
 */
class ManyPartitionsIT {
  private static final String COUNTS = System.getProperty("partitions", "");
  private static final int WANTED = 8;

  /** One to a block; a connection is worth its while for 512 blocks. */
  private static final int LARGE_ROWS = 512 * WANTED + 1;

  @Test
  void isCopiedByAsManyConnectionsAsTheLockTableHasRoomFor() throws Exception {
    try (PostgresCluster server = server(20, 20)) {
      assertThat(connectionsToCopy(server, 400)).isBetween(1, WANTED - 1);
      assertThat(connectionsToCopy(server, 20)).isEqualTo(WANTED);
    }
  }

  @Test
  void isRefusedWithTheSettingThatIsNeeded() throws Exception {
    try (PostgresCluster server = server(20, 20)) {
      EtlException refused =
          catchThrowableOfType(EtlException.class, () -> connectionsToCopy(server, 800));
      assertThat(refused.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
      assertThat(refused.fix()).matches("Raise max_locks_per_transaction from 20 to [0-9]+, .*");
      server.set("max_locks_per_transaction", refused.fix().replaceAll(".* to ([0-9]+),.*", "$1"));
      server.restart(StopMode.FAST);
      assertThat(connectionsToCopy(server, 800)).isPositive();
    }
  }

  @Test
  void takesTimeInProportionToTheirNumber() throws Exception {
    assumeThat(COUNTS).isNotEmpty();
    try (PostgresCluster server = server(100, 64)) {
      for (String count : COUNTS.split(",")) {
        for (int i = 0; i < 3; i++) {
          assertThat(connectionsToCopy(server, Integer.parseInt(count))).isPositive();
        }
      }
    }
  }

  private static PostgresCluster server(int connections, int locks) {
    assumeThat(PostgresCluster.isPossible()).isTrue();
    return PostgresCluster.builder()
        .set("max_connections", Integer.toString(connections))
        .set("max_locks_per_transaction", Integer.toString(locks))
        .set("max_prepared_transactions", "0")
        .set("max_wal_senders", "10")
        .start();
  }

  /** {@return how many connections copied a table, one of whose partitions is worth them all} */
  private static int connectionsToCopy(PostgresCluster server, int partitions) throws Exception {
    try (TestDatabase database = server.createDatabase();
        SourceDatabase source =
            new SourceDatabase(database.connectionConfig(), "it", Platform.jvm())) {
      create(database, partitions);
      PublishedTable table = source.publishedTables("pub").get(0);
      AtomicInteger copied = new AtomicInteger();
      long begin = System.nanoTime();
      try (TableCopy copy =
          new SnapshotCopier(source)
              .begin(
                  new TableCopier.Request(
                      table,
                      "copy_slot",
                      WANTED,
                      ValueFormat.TEXT,
                      ReadBy.AUTO,
                      "",
                      false,
                      null))) {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (TableCopy.Worker worker : copy.workers()) {
          running.add(CompletableFuture.runAsync(() -> copy(worker, copied)));
        }
        running.forEach(CompletableFuture::join);
        System.out.printf(
            "%d partitions over %d connections: %d ms%n",
            partitions, running.size(), (System.nanoTime() - begin) / 1_000_000);
        assertThat(copied).hasValue(LARGE_ROWS + partitions);
        return running.size();
      }
    }
  }

  private static void copy(TableCopy.Worker worker, AtomicInteger copied) {
    try {
      worker.run((row, size) -> copied.incrementAndGet());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each piece is a transaction: it locks what it creates. */
  private static void create(TestDatabase database, int partitions) {
    database.execute(
        """
        create table root(id int primary key, v text) partition by range (id);
        create table large partition of root for values from (minvalue) to (0);
        alter table large alter v set storage plain;
        insert into large select -g, repeat('x', 7000) from generate_series(1, %d) g;
        create publication pub for table root with (publish_via_partition_root);
        """
            .formatted(LARGE_ROWS));
    for (int first = 0; first < partitions; first += 100) {
      database.execute(
          """
          do $$ begin for i in %d .. %d loop
            execute format('create table p%%1$s partition of root for values from (%%1$s) to (%%1$s + 1)', i);
            execute format('insert into p%%1$s values (%%1$s)', i);
          end loop; end $$
          """
              .formatted(first, Math.min(first + 100, partitions) - 1));
    }
  }
}
