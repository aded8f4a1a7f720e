package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions, rows and floods that are larger than what may be kept in memory. */
class LargeDataIT {
  private static final String SLOT = "pgetl_apply_it";
  private static final int MIB = 1 << 20;
  private static final int ROWS = 200_000;

  private static final String DOCS =
      """
      create table docs(id int primary key, body text, n int); alter table docs alter body set storage external;
      insert into docs select g, repeat(chr(64 + g), 20 * 1024 * 1024), 0 from generate_series(1, 3) g;
      alter publication pub add table docs;
      """;

  /** A bit is a character when it is printed: 160 MB of them are more than the server can print. */
  private static final String UNPRINTABLE_ROW =
      """
      insert into files with m10(v) as (select b'0'::bit(80000000)::varbit), m40(v) as (select v || v || v || v from m10)
        select (select coalesce(max(id), 0) + 1 from files), v || v || v || v from m40;
      """;

  private static final String UNPRINTABLE =
      "create table files(id int primary key, body varbit); alter publication pub add table files;"
          + UNPRINTABLE_ROW;
  private static final String HUGE_ROW =
      "insert into users(name, age) values (repeat('n', 100 * 1024 * 1024), 1);";
  private static final String CHANGES_OF_DOCS =
      """
      update docs set n = 1 where id = 1;
      update docs set body = repeat('z', 20 * 1024 * 1024) where id = 2;
      delete from docs where id = 3;
      """;

  @TempDir private Path directory;

  /** One table has a row that no setting of batches makes smaller; the others are copied. */
  @Test
  void aRowThatDoesNotFitInTheHeapStopsItsTableAndSaysWhatToDo() throws IOException {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(Scenario.USERS_AND_ORDERS + HUGE_ROW);
      try (ChildJvm child = smallChild(source)) {
        assertThat(child.awaitLineWith("not PipelineStatus"))
            .contains("state=RUNNING")
            .contains("SOURCE_DATA")
            .contains("copy table public.users failed: a row does not fit")
            .contains("-Xmx");
      }
    }
  }

  /** The stream cannot pass it, and no one can see whose it is. */
  @Test
  void aChangeThatDoesNotFitInTheHeapEndsThePipelineAndSaysWhatToDo() throws IOException {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(Scenario.USERS_AND_ORDERS);
      try (ChildJvm child = smallChild(source)) {
        child.awaitReady();
        source.execute(HUGE_ROW);
        assertThat(child.awaitLineWith("pipeline it fails: SOURCE_DATA"))
            .contains("a row does not fit")
            .contains("-Xmx");
      }
    }
  }

  /**
   * The server keeps a row that it cannot print. In a copy its table stops, in the stream the
   * pipeline ends; what the message says helps both.
   */
  @Test
  void aRowThatTheServerCannotSendSaysWhatToDo() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS).options(builder -> builder.binary(false))) {
      scenario.source().execute(UNPRINTABLE + "insert into users(name, age) values ('a', 1);");
      scenario.start();
      scenario.awaitPhase("files", Errored.class);
      scenario.awaitReady("users");
      Errored errored = (Errored) scenario.phase("files");
      assertThat(errored.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      assertThat(errored.solution()).contains("make the row smaller");

      scenario.source().execute("update files set body = b''");
      scenario.pipeline().resync(scenario.tableId("files"));
      scenario.awaitReady().awaitApplied();
      scenario.source().execute(UNPRINTABLE_ROW + "delete from files where id = 2");
      assertThatThrownBy(() -> scenario.pipeline().awaitTermination(Scenario.PATIENCE))
          .isInstanceOfSatisfying(
              EtlException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
                assertThat(e.fix()).contains("drop the slot").contains("RECREATE");
              });

      scenario.source().query("select pg_drop_replication_slot('" + SLOT + "')");
      scenario
          .options(
              builder ->
                  builder.binary(false).invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE))
          .start()
          .awaitReady();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "files");
    }
  }

  private ChildJvm smallChild(TestDatabase source) throws IOException {
    return ChildJvm.start(directory, "child", source, "-Xmx64m", "-XX:-ExitOnOutOfMemoryError");
  }

  /**
   * S20, with half the rows and an eighth of the heap: a transaction of some 70 MB of events
   * through 32 MiB. The process is killed in the middle, and the next one gets the transaction from
   * its Begin.
   */
  @Test
  void oneTransactionLargerThanTheHeap() throws IOException, InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(Scenario.USERS_AND_ORDERS);
      Lsn commitLsn;
      try (ChildJvm killed =
          ChildJvm.start(
              directory, "killed", source, "-Xmx32m", "-Dchild.haltAfterInserts=" + ROWS / 2)) {
        killed.awaitReady();
        source.execute(
            "insert into users(id, name, age) select g, repeat('n', 200), g from generate_series(1, "
                + ROWS
                + ") g");
        killed.awaitHalted();
        commitLsn = killed.writes().get(0).runs().get(0).commitLsn();
        assertOneTransaction(killed.writes(), commitLsn, killed.inserts());
        assertThat(killed.inserts()).isBetween(ROWS / 2L, ROWS * 3L / 4);
        assertThat(killed.writes()).allSatisfy(write -> assertThat(write.commits()).isZero());
      }
      assertThat(storedProgress()).as("not inside the transaction").isLessThan(commitLsn);

      try (ChildJvm again = ChildJvm.start(directory, "again", source, "-Xmx32m")) {
        again.finish(source.currentLsn());
        assertOneTransaction(again.writes(), commitLsn, ROWS);
        assertThat(again.writes().stream().mapToInt(CallJournal.Write::commits))
            .containsOnlyOnce(1);
      }
      assertThat(storedProgress()).isGreaterThan(commitLsn);
      assertThat(source.slot(SLOT).confirmed()).isGreaterThan(commitLsn);
    }
  }

  /** One Begin, then every insert once and in order, in writes of about a mebibyte. */
  private static void assertOneTransaction(
      List<CallJournal.Write> writes, Lsn commitLsn, long inserts) {
    assertThat(writes.stream().mapToInt(CallJournal.Write::begins).sum()).isEqualTo(1);
    assertThat(writes.get(0).begins()).isEqualTo(1);
    long next = 2;
    for (CallJournal.Write write : writes) {
      assertThat(write.bytes()).isLessThan(MIB);
      for (CallJournal.Run run : write.runs()) {
        assertThat(run.commitLsn()).isEqualTo(commitLsn);
        assertThat(run.first()).isEqualTo(next);
        next = run.last() + 2;
      }
    }
    assertThat(next).isEqualTo(2 * inserts + 2);
  }

  private Lsn storedProgress() {
    try (MemoryStore store = new MemoryStore(FileLayer.open(ChildJvm.store(directory)))) {
      store.loadReplicationProgress();
      return store.getReplicationProgress(SLOT).map(ReplicationProgress::flushedLsn).orElseThrow();
    }
  }

  /** S21: rows of 20 MiB, in the copy and in the stream, while a batch holds 64 KiB. */
  @Test
  void singleRowsFarLargerThanABatch() throws InterruptedException {
    int length = 20 * MIB;
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.batch(BatchConfig.builder().maxBytes(64 * 1024).build()))) {
      scenario.source().execute(DOCS);
      RecordingDestination destination = scenario.destination();
      scenario.start().awaitReady();
      assertThat(destination.copiedRows("docs"))
          .hasSize(3)
          .allSatisfy(row -> assertBody(row, (char) (64 + row.getInt(0)), length));
      assertThat(destination.calls(Operation.ROWS))
          .allSatisfy(call -> assertThat(call.rows()).hasSizeLessThanOrEqualTo(1));

      scenario.source().execute(CHANGES_OF_DOCS);
      scenario.awaitApplied();
      List<Event> changes = destination.changes("docs");
      TableRow first = ((Event.Update) changes.get(0)).row();
      assertThat(first.isPresent("body")).as("it was not sent").isFalse();
      assertThat(first.text("n")).isEqualTo("1");
      assertBody(((Event.Update) changes.get(1)).row(), 'z', length);
      Event.OldRow deleted = ((Event.Delete) changes.get(2)).oldRow();
      assertThat(deleted.row().text("id")).isEqualTo("3");
      assertThat(deleted.row().isPresent("body")).isFalse();
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "docs");
    }
  }

  private static void assertBody(TableRow row, char letter, int length) {
    String body = Objects.requireNonNull(row.text("body"));
    assertThat(body.length()).isEqualTo(length);
    assertThat(body.equals(String.valueOf(letter).repeat(length))).isTrue();
  }

  /**
   * S83: twice as much as the heap is written while the destination is slow. Reading pauses, the
   * server goes on hearing from us, and everything arrives once the destination is fast again.
   */
  @Test
  void aSlowDestinationHoldsTheSourceBack() throws IOException, InterruptedException {
    int transactions = 64;
    int rows = 1000;
    Path slow = Files.createFile(directory.resolve(ChildPipeline.SLOW));
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        ChildJvm child = startReady(source)) {
      int walSender = source.slot(SLOT).activePid();
      String flood =
          "insert into users(name, age) select repeat('n', 1000), g from generate_series(1, "
              + rows
              + ") g;\n";
      source.execute(flood.repeat(transactions));
      child.awaitPrinted("paused");
      String heard = lastHeard(source);
      await().atMost(Scenario.PATIENCE).until(() -> child.writes().size() >= 3);
      assertThat(lastHeard(source)).as("heart-beats go on").isGreaterThan(heard);
      assertThat(source.slot(SLOT).activePid()).as("the same connection").isEqualTo(walSender);
      assertThat(child.inserts()).isLessThan(transactions * rows / 2);

      Files.delete(slow);
      child.awaitPrinted("resumed");
      child.finish(source.currentLsn());
      assertThat(child.inserts()).isEqualTo((long) transactions * rows);
      assertThat(child.writes()).allSatisfy(write -> assertThat(write.bytes()).isLessThan(2 * MIB));
    }
  }

  private ChildJvm startReady(TestDatabase source) throws IOException {
    source.execute(Scenario.USERS_AND_ORDERS);
    return ChildJvm.start(directory, "slow", source, "-Xmx32m").awaitReady();
  }

  /** When the server heard from the stream last. */
  private static String lastHeard(TestDatabase source) {
    return source.value(
        "select reply_time::text from pg_stat_replication where application_name = 'pgetl/it/apply'"
            + " and pid in (select active_pid from kit.slots())");
  }
}
