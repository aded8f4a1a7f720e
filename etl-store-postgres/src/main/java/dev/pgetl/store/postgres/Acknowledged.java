package dev.pgetl.store.postgres;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.InMemoryLayer;
import dev.pgetl.store.memory.StoreChange;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server has acknowledged of a pipeline's state while this process owns it. A standby that
 * is promoted may lack the last of it, as may a server that was restored. Later writes would hide
 * that: a table that failed would be streamed on after a restart, behind a position that skips what
 * it missed. So the state is compared when the layer connects again, and put back where it differs.
 *
 * <p>Owned by one thread at a time.
 */
final class Acknowledged {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLayer.class);

  private @Nullable InMemoryLayer known;

  /** Changes of a call that failed; each may have happened. */
  private List<StoreChange> doubtful = List.of();

  /** A part of the state that is compared as a whole. */
  private record Part(Class<? extends StoreChange> kind, Object of) {
    static Part of(StoreChange change) {
      Object of;
      if (change instanceof PhaseStored stored) {
        of = stored.table();
      } else if (change instanceof SchemaStored stored) {
        of = stored.schema().id();
      } else if (change instanceof MappingStored stored) {
        of = stored.table();
      } else if (change instanceof CopyRangesStored stored) {
        of = stored.table();
      } else if (change instanceof ProgressStored stored) {
        of = stored.progress().slotName();
      } else {
        throw new IllegalStateException("no part of a state: " + change);
      }
      return new Part(change.getClass(), of);
    }
  }

  /** Reads the state; what is found is what was acknowledged. */
  void read(StoreTables tables, Consumer<StoreChange> sink) throws SQLException {
    InMemoryLayer found = new InMemoryLayer();
    tables.read(
        change -> {
          found.write(change);
          sink.accept(change);
        });
    known = found;
  }

  /** Writes changes. */
  void write(StoreTables tables, List<StoreChange> changes) throws SQLException {
    if (known == null) {
      read(tables, change -> {});
    }
    doubtful = changes;
    if (changes.size() == 1) {
      tables.write(changes.get(0));
    } else {
      tables.writeAll(changes);
    }
    if (known != null) {
      changes.forEach(known::write);
    }
    doubtful = List.of();
  }

  /**
   * Begins with a connection: puts back what the server has acknowledged and does not have any
   * more.
   *
   * @param sameOwner false if another process may have written since the last connection
   */
  void recall(boolean sameOwner, Connection connection, StoreTables tables) throws SQLException {
    if (!sameOwner) {
      known = null;
      doubtful = List.of();
    }
    if (known != null) {
      putBack(known, connection, tables);
    }
  }

  private void putBack(InMemoryLayer before, Connection connection, StoreTables tables)
      throws SQLException {
    InMemoryLayer found = new InMemoryLayer();
    tables.read(found::write);
    InMemoryLayer after = copy(before);
    doubtful.forEach(after::write);
    Map<Part, List<StoreChange>> wanted = parts(found);
    Set<Part> different = merge(parts(before), parts(after), wanted);
    if (!different.isEmpty()) {
      connection.setAutoCommit(false);
      tables.writeAll(restoring(different, wanted));
      connection.commit();
      connection.setAutoCommit(true);
      LOG.warn(
          "the store had lost {} parts of the state that it had acknowledged; they were put back."
              + " Was a standby promoted, or a backup restored?",
          different.size());
    }
    InMemoryLayer agreed = new InMemoryLayer();
    wanted.values().forEach(changes -> changes.forEach(agreed::write));
    known = agreed;
    doubtful = List.of();
  }

  private static InMemoryLayer copy(InMemoryLayer layer) {
    InMemoryLayer copy = new InMemoryLayer();
    layer.read(copy::write);
    return copy;
  }

  private static Map<Part, List<StoreChange>> parts(InMemoryLayer layer) {
    Map<Part, List<StoreChange>> parts = new LinkedHashMap<>();
    layer.read(
        change -> parts.computeIfAbsent(Part.of(change), part -> new ArrayList<>()).add(change));
    return parts;
  }

  /**
   * Replaces what was found by what was acknowledged, unless the doubtful changes explain it.
   *
   * @return the parts that were replaced
   */
  private static Set<Part> merge(
      Map<Part, List<StoreChange>> before,
      Map<Part, List<StoreChange>> after,
      Map<Part, List<StoreChange>> found) {
    Set<Part> different = new LinkedHashSet<>();
    Set<Part> all = new LinkedHashSet<>(before.keySet());
    all.addAll(found.keySet());
    for (Part part : all) {
      List<StoreChange> acknowledged = before.getOrDefault(part, List.of());
      List<StoreChange> present = found.getOrDefault(part, List.of());
      if (!present.equals(acknowledged) && !present.equals(after.getOrDefault(part, List.of()))) {
        different.add(part);
        found.put(part, acknowledged);
      }
    }
    return different;
  }

  /** A table is written as a whole: its rows have an order. */
  private static List<StoreChange> restoring(
      Set<Part> different, Map<Part, List<StoreChange>> wanted) {
    Set<Object> owners = new HashSet<>();
    List<StoreChange> changes = new ArrayList<>();
    for (Part part : different) {
      if (owners.add(part.of())) {
        changes.add(
            part.of() instanceof TableId table
                ? new TableForgotten(table)
                : new ProgressDeleted((String) part.of()));
      }
    }
    wanted.forEach(
        (part, content) -> {
          if (owners.contains(part.of())) {
            changes.addAll(content);
          }
        });
    return changes;
  }
}
