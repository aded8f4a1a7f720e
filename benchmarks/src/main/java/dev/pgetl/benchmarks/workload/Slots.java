package dev.pgetl.benchmarks.workload;

import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import org.awaitility.Awaitility;

/** The replication slots of a database. */
final class Slots {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final TestDatabase database;

  Slots(TestDatabase database) {
    this.database = database;
  }

  void create(String slot) {
    database.query("select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
  }

  void copy(String from, String to) {
    database.query("select pg_copy_logical_replication_slot('%s', '%s')".formatted(from, to));
  }

  /** Waits until nobody reads from a slot. */
  void awaitFree(String slot) {
    Awaitility.await("slot " + slot + " is free")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .until(() -> isFree(slot));
  }

  private boolean isFree(String slot) {
    return database
        .value("select active from pg_replication_slots where slot_name = '%s'".formatted(slot))
        .equals("f");
  }

  boolean confirmed(String slot, Lsn position) {
    return database
        .value(
            "select confirmed_flush_lsn >= '%s' from pg_replication_slots where slot_name = '%s'"
                .formatted(position, slot))
        .equals("t");
  }

  /** {@return how much WAL lies between a slot and a position} */
  double megabytesBehind(String slot, Lsn position) {
    String bytes =
        database.value(
            "select pg_wal_lsn_diff('%s', confirmed_flush_lsn) from pg_replication_slots where slot_name = '%s'"
                .formatted(position, slot));
    return Double.parseDouble(bytes) / 1e6;
  }

  void drop(String slot) {
    awaitFree(slot);
    database.query("select pg_drop_replication_slot('%s')".formatted(slot));
  }

  void dropAll() {
    database.slots().stream().map(SlotState::name).forEach(this::drop);
  }
}
