package dev.pgetl.internal.sim.server;

import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a cluster keeps on its volume, and so loses when it is set back to a snapshot of that. */
public final class Disk {
  final SortedMap<Long, Table> tables = new TreeMap<>();

  /** Each table with the number of the entry that publishes it. */
  final SortedMap<String, TreeMap<Long, Long>> publications = new TreeMap<>();

  final SortedMap<String, Slot> slots = new TreeMap<>();
  final List<Committed> wal = new ArrayList<>();

  /** OIDs by the tables' numbers in the script. */
  final Map<Integer, Long> oids = new TreeMap<>();

  /** Where each earlier timeline ended. */
  private final Map<Integer, Lsn> ends = new TreeMap<>();

  private int timeline = 1;
  private long insert = 0x100_0000;
  private long counter = 16_384;

  Disk copy() {
    Disk copy = new Disk();
    tables.forEach((oid, table) -> copy.tables.put(oid, table.copy()));
    publications.forEach((name, of) -> copy.publications.put(name, new TreeMap<>(of)));
    slots.values().stream()
        .filter(slot -> !slot.unfinished() && !slot.temporary())
        .forEach(slot -> copy.slots.put(slot.name(), slot.copy()));
    copy.wal.addAll(wal);
    copy.oids.putAll(oids);
    copy.ends.putAll(ends);
    copy.timeline = timeline;
    copy.insert = insert;
    copy.counter = counter;
    return copy;
  }

  /** A standby that has received this much becomes the primary, on a timeline of its own. */
  void promote(int newTimeline) {
    ends.put(timeline, new Lsn(insert));
    timeline = newTimeline;
  }

  int timeline() {
    return timeline;
  }

  Map<Integer, Lsn> ends() {
    return ends;
  }

  /** {@return the end of the WAL} */
  long insert() {
    return insert;
  }

  /** {@return where the record starts that is written} */
  long write(int bytes) {
    long start = insert;
    insert += 8L * (1 + bytes / 8);
    return start;
  }

  /** {@return the number that the next transaction would get} */
  long upcoming() {
    return counter + 1;
  }

  /** {@return a number that was not used before: an OID, a transaction, a version} */
  long next() {
    counter++;
    return counter;
  }

  /** {@return the first transaction that was committed at or behind a position} */
  int firstFrom(long position) {
    int low = 0;
    int high = wal.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (wal.get(middle).commitLsn() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Table table(long oid) {
    return Objects.requireNonNull(tables.get(oid), "table " + oid);
  }

  SortedMap<Long, Long> publication(String name) {
    return Objects.requireNonNull(publications.get(name), name);
  }

  void publish(String name, long oid) {
    publication(name).computeIfAbsent(oid, added -> next());
  }

  SortedSet<String> publishing(long oid) {
    TreeSet<String> found = new TreeSet<>();
    publications.forEach(
        (name, of) -> {
          if (of.containsKey(oid)) {
            found.add(name);
          }
        });
    return found;
  }
}
