package dev.pgetl.store.memory;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.store.memory.StoreChange.SchemasPruned;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.wal.Lsn;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a {@link StoreChange}: one line of ASCII, complete, read back as an equal
 * change. Later versions of the library read the output of earlier ones.
 */
public final class StoreChangeJson {
  /** What was written is read, however long its texts are. */
  private static final StreamReadConstraints ANY_LENGTH =
      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(ANY_LENGTH).build())
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StoreChangeJson() {}

  /**
   * {@return a change as a JSON object, without line breaks, in ASCII}
   *
   * @param change the change
   */
  public static String write(StoreChange change) {
    try {
      return MAPPER.writeValueAsString(toJson(change));
    } catch (JsonProcessingException e) {
      throw new EtlException(ErrorKind.INTERNAL, "write a store change as JSON", e);
    }
  }

  /**
   * {@return the change that was written}
   *
   * @param json what {@link #write} gave
   * @throws EtlException of kind {@code STORE_CORRUPT} if it is not a change
   */
  public static StoreChange read(String json) {
    try {
      return toChange(MAPPER.readTree(json));
    } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
      throw new EtlException(ErrorKind.STORE_CORRUPT, "read a store change from JSON", e);
    }
  }

  private static ObjectNode toJson(StoreChange change) {
    if (change instanceof PhaseStored stored) {
      ObjectNode json = object("phase").put("table", stored.table().oid());
      putPhase(json, stored.phase());
      return json;
    } else if (change instanceof PhaseRolledBack rolledBack) {
      return object("rollback").put("table", rolledBack.table().oid());
    } else if (change instanceof SchemaStored stored) {
      return object("schema").set("schema", TableSchemaJson.toJson(stored.schema()));
    } else if (change instanceof SchemasPruned pruned) {
      ObjectNode retention = JsonNodeFactory.instance.objectNode();
      pruned.retention().forEach((id, lsn) -> retention.put(id.toString(), lsn.toString()));
      return object("prune").set("retention", retention);
    } else if (change instanceof MappingStored stored) {
      return object("mapping")
          .put("table", stored.table().oid())
          .put("destination", stored.destinationTable());
    } else if (change instanceof ProgressStored stored) {
      return progress(stored.progress());
    } else if (change instanceof ProgressDeleted deleted) {
      return object("drop").put("slot", deleted.slotName());
    } else if (change instanceof CopyRangesStored stored) {
      return object("ranges").put("table", stored.table().oid()).put("ranges", stored.ranges());
    } else if (change instanceof CopyRangesDeleted deleted) {
      return object("drop-ranges").put("table", deleted.table().oid());
    } else if (change instanceof TableForgotten forgotten) {
      return object("forget").put("table", forgotten.table().oid());
    }
    throw new IllegalStateException("unknown change " + change.getClass().getSimpleName());
  }

  private static ObjectNode object(String change) {
    return JsonNodeFactory.instance.objectNode().put("change", change);
  }

  private static void putPhase(ObjectNode json, TableReplicationPhase phase) {
    json.put("phase", phase.name());
    if (phase instanceof SyncDone done) {
      json.put("lsn", done.lsn().toString());
    } else if (phase instanceof Paused paused) {
      json.put("since", paused.since().toString()).put("from", paused.from().name());
    } else if (phase instanceof Errored errored) {
      json.put("reason", errored.reason())
          .put("solution", errored.solution())
          .put("retry", errored.retryDirective().name())
          .put("attempt", errored.attempt());
      if (errored.kind() != null) {
        json.put("kind", errored.kind().name());
      }
    }
  }

  private static ObjectNode progress(ReplicationProgress progress) {
    SlotLineage lineage = progress.lineage();
    return object("progress")
        .put("slot", progress.slotName())
        .put("system", lineage.systemIdentifier())
        .put("timeline", lineage.timeline())
        .put("created", lineage.slotCreatedAt().toString())
        .put("flushed", progress.flushedLsn().toString());
  }

  private static StoreChange toChange(JsonNode node) {
    JsonFields json = new JsonFields(node);
    String change = json.text("change");
    return switch (change) {
      case "phase" -> new PhaseStored(json.table(), phase(json));
      case "rollback" -> new PhaseRolledBack(json.table());
      case "schema" -> new SchemaStored(TableSchemaJson.toSchema(json.object("schema")));
      case "prune" -> new SchemasPruned(retention(json.object("retention")));
      case "mapping" -> new MappingStored(json.table(), json.text("destination"));
      case "progress" -> new ProgressStored(progress(json));
      case "drop" -> new ProgressDeleted(json.text("slot"));
      case "ranges" -> new CopyRangesStored(json.table(), json.text("ranges"));
      case "drop-ranges" -> new CopyRangesDeleted(json.table());
      case "forget" -> new TableForgotten(json.table());
      default -> throw new IllegalArgumentException("unknown change \"" + change + '"');
    };
  }

  private static TableReplicationPhase phase(JsonFields json) {
    return phase(json.text("phase"), json);
  }

  private static TableReplicationPhase phase(String name, JsonFields json) {
    return switch (name) {
      case "Init" -> new Init();
      case "DataSync" -> new DataSync();
      case "FinishedCopy" -> new FinishedCopy();
      case "SyncDone" -> new SyncDone(json.lsn("lsn"));
      case "Ready" -> new Ready();
      case "Errored" ->
          new Errored(
              json.text("reason"),
              json.text("solution"),
              RetryDirective.valueOf(json.text("retry")),
              json.integer("attempt"),
              kind(json.textOrNull("kind")));
      case "Paused" ->
          new Paused(Instant.parse(json.text("since")), phase(json.text("from"), json));
      default -> throw new IllegalArgumentException("unknown phase \"" + name + '"');
    };
  }

  private static @Nullable ErrorKind kind(@Nullable String name) {
    return name == null ? null : ErrorKind.valueOf(name);
  }

  private static Map<TableId, Lsn> retention(JsonFields json) {
    Map<TableId, Lsn> retention = new HashMap<>();
    json.names().forEach(id -> retention.put(new TableId(Long.parseLong(id)), json.lsn(id)));
    return retention;
  }

  private static ReplicationProgress progress(JsonFields json) {
    SlotLineage lineage =
        new SlotLineage(json.text("system"), json.integer("timeline"), json.lsn("created"));
    return new ReplicationProgress(json.text("slot"), lineage, json.lsn("flushed"));
  }
}
