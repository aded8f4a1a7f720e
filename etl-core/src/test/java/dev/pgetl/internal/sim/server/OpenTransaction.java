package dev.pgetl.internal.sim.server;

import dev.pgetl.schema.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A transaction that has not ended: sees its own changes above what was committed. */
final class OpenTransaction {
  /** Stands for all publications among the OIDs of what has changed. */
  static final long PUBLICATIONS = 0;

  private final Disk disk;
  private final int xid;
  private final List<Change> changes = new ArrayList<>();
  private final TreeSet<Integer> touched = new TreeSet<>();

  private final TreeSet<TableId> unpublished = new TreeSet<>();

  /** What it has changed of tables and publications. */
  private final TreeSet<Long> altered = new TreeSet<>();

  /** The same, and what others have changed and committed since its first change of a row. */
  private final TreeSet<Long> invalidated = new TreeSet<>();

  /** What of that belongs before the next change of a row. */
  private final TreeSet<Long> invalidatedSince = new TreeSet<>();

  /** Its own rows by table and key; those it removed are null. */
  private final Map<Long, Map<String, @Nullable Row>> own = new TreeMap<>();

  OpenTransaction(Disk disk) {
    this.disk = disk;
    this.xid = (int) disk.next();
  }

  int xid() {
    return xid;
  }

  List<Change> changes() {
    return changes;
  }

  boolean touches(int table) {
    return touched.contains(table);
  }

  void touch(int table) {
    touched.add(table);
  }

  /** A table is published no longer. */
  void unpublish(TableId table) {
    unpublished.add(table);
  }

  Set<TableId> unpublished() {
    return unpublished;
  }

  /** It changes a table, or {@link #PUBLICATIONS}. */
  void alter(Set<Long> oids) {
    altered.addAll(oids);
    invalidate(oids);
  }

  /** Another transaction that has changed tables or publications is committed. */
  void invalidate(Set<Long> oids) {
    invalidated.addAll(oids);
    invalidatedSince.addAll(oids);
  }

  Set<Long> altered() {
    return altered;
  }

  Set<Long> invalidated() {
    return invalidated;
  }

  @Nullable Row find(long oid, String key) {
    Map<String, @Nullable Row> mine = own.getOrDefault(oid, Map.of());
    return mine.containsKey(key) ? mine.get(key) : disk.table(oid).rows().get(key);
  }

  /** A change of a row, or of the whole table if both are null. */
  void write(Shape shape, @Nullable Row before, @Nullable Row after) {
    long lsn = disk.write(60);
    Set<Long> since = Set.copyOf(invalidatedSince);
    invalidatedSince.clear();
    changes.add(new Change(lsn, shape, since, disk.publishing(shape.oid()), before, after));
    Map<String, @Nullable Row> mine = own.computeIfAbsent(shape.oid(), oid -> new TreeMap<>());
    if (before == null && after == null) {
      disk.table(shape.oid()).rows().keySet().forEach(key -> mine.put(key, null));
      mine.replaceAll((key, row) -> null);
    }
    if (before != null) {
      mine.put(before.key(), null);
    }
    if (after != null) {
      mine.put(after.key(), after);
    }
  }
}
