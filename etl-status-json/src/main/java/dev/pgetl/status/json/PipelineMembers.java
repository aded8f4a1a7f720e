package dev.pgetl.status.json;

import dev.pgetl.RunStatus;
import dev.pgetl.forecast.Outlook;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.WaitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline's status as members: each accessor in snake case, with its unit behind it. A test
 * compares them with the accessors.
 */
final class PipelineMembers {
  private PipelineMembers() {}

  static Map<String, @Nullable Object> of(String id, PipelineStatus status) {
    return of(id, status.health(), null, status);
  }

  static Map<String, @Nullable Object> of(String id, RunStatus status, Duration stallLimit) {
    Map<String, @Nullable Object> run =
        new Members()
            .add("starts", status.starts())
            .add("failure", status.failure().map(PipelineMembers::failure))
            .add("needs_manual_intervention", status.needsManualIntervention())
            .toMap();
    return of(id, status.health(stallLimit), run, status.pipeline());
  }

  private static Map<String, @Nullable Object> of(
      String id,
      Health health,
      @Nullable Map<String, @Nullable Object> run,
      PipelineStatus status) {
    return new Members()
        .add("id", id)
        .add("health", health(health))
        .add("run", run)
        .add("state", status.state())
        .add("all_ready", status.allReady())
        .add("failure", status.failure().map(PipelineMembers::failure))
        .add("owner", status.owner())
        .add("paused_since", status.pausedSince())
        .add("buffered_bytes", status.bufferedBytes())
        .add("waits", status.waits().stream().map(PipelineMembers::waiting).toList())
        .add("threads", status.threads().stream().map(PipelineMembers::thread).toList())
        .add("stream", stream(status.stream()))
        .add("copies", copies(status.copies()))
        .add("wal_forecast", forecast(status.walForecast()))
        .add(
            "tables",
            status.tables().values().stream()
                .sorted(Comparator.comparing(table -> table.name().toString()))
                .map(TableMembers::of)
                .toList())
        .toMap();
  }

  private static Map<String, @Nullable Object> health(Health health) {
    return new Members().add("level", health.level()).add("reasons", health.reasons()).toMap();
  }

  static Map<String, @Nullable Object> failure(FailureStatus failure) {
    return new Members()
        .add("kind", failure.kind())
        .add("message", failure.message())
        .add("since", failure.since())
        .add("attempt", failure.attempt())
        .add("next_try", failure.nextTry())
        .toMap();
  }

  private static Map<String, @Nullable Object> waiting(WaitStatus wait) {
    return new Members()
        .add("what", wait.what())
        .add("since", wait.since())
        .add("duration_seconds", wait.duration())
        .toMap();
  }

  private static Map<String, @Nullable Object> thread(ThreadStatus thread) {
    return new Members()
        .add("name", thread.name())
        .add("activity", thread.activity())
        .add("since", thread.since())
        .add("duration_seconds", thread.duration())
        .toMap();
  }

  static Map<String, @Nullable Object> slot(SlotStatus slot) {
    return new Members()
        .add("wal", slot.wal())
        .add("held_bytes", slot.heldBytes())
        .add("safe_bytes", slot.safeBytes())
        .toMap();
  }

  private static Map<String, @Nullable Object> stream(StreamStatus stream) {
    return new Members()
        .add("connected", stream.connected())
        .add("received_lsn", stream.receivedLsn())
        .add("flushed_lsn", stream.flushedLsn())
        .add("server_lsn", stream.serverLsn())
        .add("lag_bytes", stream.lagBytes())
        .add("delay_seconds", stream.delay())
        .add("events", stream.events())
        .add("bytes", stream.bytes())
        .add("reconnects", stream.reconnects())
        .add("last_commit_time", unlessNever(stream.lastCommitTime()))
        .add("last_progress", unlessNever(stream.lastProgress()))
        .add("oldest_undelivered", stream.oldestUndelivered())
        .add("failure", stream.failure().map(PipelineMembers::failure))
        .add("slot", stream.slot().map(PipelineMembers::slot))
        .toMap();
  }

  /** The status classes say "never" by the epoch. */
  static Optional<Instant> unlessNever(Instant time) {
    return time.equals(Instant.EPOCH) ? Optional.empty() : Optional.of(time);
  }

  private static Map<String, @Nullable Object> copies(CopyStatus copies) {
    return new Members()
        .add("tables", copies.tables())
        .add("tables_left", copies.tablesLeft())
        .add("copied_rows", copies.copiedRows())
        .add("expected_rows", copies.expectedRows())
        .add("copied_bytes", copies.copiedBytes())
        .add("expected_bytes", copies.expectedBytes())
        .add("remaining_seconds", copies.remaining())
        .toMap();
  }

  private static Map<String, @Nullable Object> forecast(WalForecast forecast) {
    return new Members()
        .add("slot", forecast.slot().isEmpty() ? null : forecast.slot())
        .add("loss", outlook(forecast.loss()))
        .add("retained_bytes", forecast.retainedBytes())
        .add("bytes_per_second", forecast.bytesPerSecond())
        .add("held_by", forecast.heldBy())
        .toMap();
  }

  private static Map<String, @Nullable Object> outlook(Outlook outlook) {
    return new Members()
        .add("name", outlook.getClass().getSimpleName())
        .add("time_left_seconds", outlook.timeLeft())
        .add("reason", outlook instanceof Outlook.Unknown unknown ? unknown.reason() : null)
        .toMap();
  }
}
