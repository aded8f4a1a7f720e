package dev.pgetl.spring.actuate;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The status of a pipeline as maps, lists, numbers and text, which every JSON library writes the
 * same. No cell value, no secret.
 */
final class StatusJson {
  private StatusJson() {}

  /** {@return everything that is known of a pipeline} */
  static Map<String, Object> of(RunStatus run, Duration stallLimit) {
    PipelineStatus pipeline = run.pipeline();
    dev.pgetl.observe.Health health = run.health(stallLimit);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("health", health.level().name());
    json.put("reasons", health.reasons());
    json.put("state", pipeline.state().name());
    json.put("starts", run.starts());
    json.put("needsManualIntervention", run.needsManualIntervention());
    run.failure().or(pipeline::failure).ifPresent(failure -> json.put("failure", failure(failure)));
    pipeline.owner().ifPresent(owner -> json.put("owner", owner));
    pipeline.pausedSince().ifPresent(since -> json.put("pausedSince", since.toString()));
    json.put("bufferedBytes", pipeline.bufferedBytes());
    json.put("stream", stream(pipeline.stream()));
    json.put("copies", copies(pipeline.copies()));
    json.put("waits", pipeline.waits().stream().map(StatusJson::wait).toList());
    json.put("tables", tables(pipeline));
    return json;
  }

  private static List<Map<String, Object>> tables(PipelineStatus pipeline) {
    return pipeline.tables().values().stream()
        .sorted(Comparator.comparing(table -> table.name().toString()))
        .map(StatusJson::table)
        .toList();
  }

  /** {@return what is known of a table} */
  static Map<String, Object> table(TableStatus table) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("schema", table.name().schema());
    json.put("name", table.name().name());
    json.put("phase", phase(table));
    json.put("copiedRows", table.copiedRows());
    json.put("copiedBytes", table.copiedBytes());
    if (table.estimatedRows() >= 0) {
      json.put("estimatedRows", table.estimatedRows());
    }
    if (table.phase() instanceof Errored errored) {
      json.put("reason", errored.reason());
      json.put("solution", errored.solution());
    }
    table.failure().ifPresent(failure -> json.put("failure", failure(failure)));
    table.pausedSince().ifPresent(since -> json.put("pausedSince", since.toString()));
    table.difference().ifPresent(reason -> json.put("difference", reason));
    table.slot().ifPresent(slot -> json.put("slot", slot(slot)));
    return json;
  }

  /** {@return the phase of a table as a word} */
  static String phase(TableStatus table) {
    return table.phase().getClass().getSimpleName();
  }

  private static Map<String, Object> stream(StreamStatus stream) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("connected", stream.connected());
    json.put("receivedLsn", stream.receivedLsn().toString());
    json.put("flushedLsn", stream.flushedLsn().toString());
    json.put("serverLsn", stream.serverLsn().toString());
    stream.lagBytes().ifPresent(bytes -> json.put("lagBytes", bytes));
    json.put("delaySeconds", seconds(stream.delay()));
    json.put("events", stream.events());
    json.put("bytes", stream.bytes());
    json.put("reconnects", stream.reconnects());
    putTime(json, "lastCommitTime", stream.lastCommitTime());
    putTime(json, "lastProgress", stream.lastProgress());
    stream.oldestUndelivered().ifPresent(time -> putTime(json, "oldestUndelivered", time));
    stream.failure().ifPresent(failure -> json.put("failure", failure(failure)));
    stream.slot().ifPresent(slot -> json.put("slot", slot(slot)));
    return json;
  }

  private static Map<String, Object> copies(CopyStatus copies) {
    return Map.of("tables", copies.tables(), "tablesLeft", copies.tablesLeft());
  }

  private static Map<String, Object> slot(SlotStatus slot) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("wal", slot.wal().name());
    json.put("heldBytes", slot.heldBytes());
    slot.safeBytes().ifPresent(bytes -> json.put("safeBytes", bytes));
    return json;
  }

  private static Map<String, Object> wait(WaitStatus wait) {
    return Map.of(
        "what", wait.what(), "since", wait.since().toString(), "seconds", seconds(wait.duration()));
  }

  private static Map<String, Object> failure(FailureStatus failure) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", failure.kind().name());
    json.put("message", failure.message());
    json.put("since", failure.since().toString());
    json.put("attempt", failure.attempt());
    putTime(json, "nextTry", failure.nextTry());
    return json;
  }

  private static void putTime(Map<String, Object> json, String name, @Nullable Instant time) {
    if (time != null && !Objects.equals(time, Instant.EPOCH)) {
      json.put(name, time.toString());
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
