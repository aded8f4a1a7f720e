package dev.pgetl.status.json;

import dev.pgetl.RunStatus;
import dev.pgetl.RunStatuses;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.EventSequence;
import dev.pgetl.forecast.Outlook;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.EventCounts;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.ThreadStatus.Activity;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Statuses with a value of its own in every place. */
final class Samples {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final Lsn MEETING = Lsn.parse("16/B374D000");

  private Samples() {}

  /** One phase of each kind. */
  static List<TableReplicationPhase> phases() {
    return List.of(
        new Init(),
        new DataSync(),
        new FinishedCopy(),
        new SyncWait(MEETING),
        new Catchup(MEETING),
        new SyncDone(MEETING),
        new Ready(),
        new Paused(NOW.minusSeconds(600), new FinishedCopy()),
        new Errored(
            "column \"total\" is missing in the destination",
            "Add the column, then resync the table.",
            RetryDirective.MANUAL,
            1,
            ErrorKind.DESTINATION_REJECTED));
  }

  private static FailureStatus failure(ErrorKind kind, String message, int attempt) {
    return new FailureStatus(kind, message, NOW.minusSeconds(30), attempt, NOW.plusMillis(10_500));
  }

  private static TableStatus table(long oid, TableReplicationPhase phase) {
    return TableStatus.builder(new TableId(oid), new TableName("shop", phase.name()), phase)
        .copiedRows(1_000 + oid)
        .copiedBytes(50_000 + oid)
        .estimatedRows(2_000 + oid)
        .events(new EventCounts(20, 8, 2, 1, NOW.minusSeconds(40)))
        .difference("rows were changed without events")
        .failure(failure(ErrorKind.DESTINATION_UNAVAILABLE, "write rows failed", 2))
        .slot(new SlotStatus(SlotStatus.Wal.RESERVED, 300 + oid, OptionalLong.of(400 + oid)))
        .quarantine(quarantine(new TableId(oid), new TableName("shop", phase.name())))
        .build();
  }

  private static QuarantineStatus quarantine(TableId table, TableName name) {
    return new QuarantineStatus(
        table,
        name,
        3,
        NOW.minusSeconds(3_600),
        List.of(new EventSequence(Lsn.parse("16/B3740010"), 4)),
        false,
        true);
  }

  /** A pipeline with a table in each phase and everything known. */
  static PipelineStatus everything() {
    Map<TableId, TableStatus> tables = new LinkedHashMap<>();
    long oid = 16_385;
    for (TableReplicationPhase phase : phases()) {
      tables.put(new TableId(oid), table(oid, phase));
      oid++;
    }
    return pipeline(tables);
  }

  /** A pipeline with one table. */
  static PipelineStatus oneTable() {
    TableReplicationPhase errored = phases().get(8);
    return pipeline(Map.of(new TableId(16_385), table(16_385, errored)));
  }

  private static PipelineStatus pipeline(Map<TableId, TableStatus> tables) {
    return PipelineStatus.builder(State.RUNNING).tables(tables).stream(stream())
        .copies(copies())
        .walForecast(forecast())
        .bufferedBytes(65_536)
        .waits(waits())
        .threads(threads())
        .failure(failure(ErrorKind.STORE_UNAVAILABLE, "read the state failed", 3))
        .owner("host-2")
        .pausedSince(NOW.minusSeconds(60))
        .build();
  }

  /** A run whose last start failed. */
  static RunStatus run() {
    return RunStatuses.of(
        oneTable(),
        4,
        failure(ErrorKind.SOURCE_PERMISSION, "read table shop.Errored failed", 5),
        true);
  }

  /** A run that has waited for 12.25 seconds, and is well otherwise. */
  static RunStatus waiting() {
    PipelineStatus status = PipelineStatus.builder(State.RUNNING).waits(waits()).build();
    return RunStatuses.of(status, 1, null, false);
  }

  private static List<WaitStatus> waits() {
    return List.of(
        new WaitStatus(
            "the destination to answer writeEvents",
            NOW.minusSeconds(12),
            Duration.ofMillis(12_250)));
  }

  private static List<ThreadStatus> threads() {
    return List.of(
        ThreadStatus.of(
            "etl-shop-apply-delivery",
            Activity.AWAITS_DESTINATION,
            NOW.minusSeconds(12),
            Duration.ofMillis(12_250)));
  }

  private static StreamStatus stream() {
    return StreamStatus.builder()
        .connected(true)
        .receivedLsn(Lsn.parse("16/B374D848"))
        .flushedLsn(Lsn.parse("16/B374D100"))
        .serverLsn(Lsn.parse("16/B3750000"))
        .events(120_000)
        .bytes(34_000_000)
        .reconnects(2)
        .lastCommitTime(NOW.minusMillis(1_500))
        .lastProgress(NOW.minusMillis(900))
        .oldestUndelivered(NOW.minusMillis(1_250))
        .delay(Duration.ofMillis(52))
        .failure(failure(ErrorKind.SOURCE_UNAVAILABLE, "read from slot etl_1_apply failed", 6))
        .slot(new SlotStatus(SlotStatus.Wal.EXTENDED, 1_073_741_824, OptionalLong.of(36_000_000)))
        .build();
  }

  private static CopyStatus copies() {
    return CopyStatus.builder()
        .tables(7)
        .tablesLeft(3)
        .copiedRows(600_000)
        .expectedRows(1_000_000)
        .copiedBytes(60_000_000)
        .expectedBytes(100_000_000)
        .remaining(Duration.ofSeconds(90))
        .build();
  }

  private static WalForecast forecast() {
    return new WalForecast(
        "etl_1_apply",
        new Outlook.Within(Duration.ofMinutes(45)),
        1_073_741_824,
        OptionalDouble.of(13_333.5),
        List.of("the destination, which has not made durable what was read after 16/B374D100"));
  }
}
