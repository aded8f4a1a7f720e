package dev.pgetl.quarantine;

import dev.pgetl.destination.Epoch;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The quarantine and what is known of it in memory, table by table. Thread-safe. */
final class Wards {
  private final Quarantine quarantine;
  private final int maxEvents;
  private final Map<TableId, Ward> wards = new ConcurrentHashMap<>();
  private volatile boolean any;
  private volatile boolean open;
  private volatile @Nullable Epoch epoch;

  /**
   * Creates it; nothing is read yet.
   *
   * @param maxEvents how many events of a table there may be
   */
  Wards(Quarantine quarantine, int maxEvents) {
    this.quarantine = quarantine;
    this.maxEvents = maxEvents;
  }

  void epoch(Epoch next) {
    epoch = next;
    open = false;
  }

  /** Right before each write and each call of the destination but the first (rule D19). */
  void require() {
    Epoch now = epoch;
    if (now != null) {
      now.require();
    }
  }

  /** Reads what is there. */
  void open() {
    Epoch now = epoch;
    wards.clear();
    quarantine.open(now == null ? 0 : now.number(), event -> ward(event).add(event));
    any = !wards.isEmpty();
    open = true;
  }

  boolean isOpen() {
    return open;
  }

  /** {@return whether anything is in quarantine} Asked for each call of the destination. */
  boolean any() {
    return any;
  }

  Quarantine quarantine() {
    return quarantine;
  }

  @Nullable Ward find(TableId table) {
    return wards.get(table);
  }

  Collection<Ward> all() {
    return wards.values();
  }

  private Ward ward(QuarantinedEvent event) {
    return wards.computeIfAbsent(event.table(), id -> new Ward(id, event.name()));
  }

  /** Keeps a change that was refused; the ward is new if it is the first of its table. */
  void add(Event.RowChange refused) {
    TableSchema table = refused.table();
    QuarantinedEvent event = EventText.write(refused, true);
    requireRoom(table, 1);
    require();
    quarantine.add(List.of(event));
    Ward ward = ward(event);
    ward.add(event);
    ward.seen(refused);
    any = true;
  }

  /** Keeps changes that follow refused ones. */
  void addAll(List<Event.RowChange> followers) {
    if (followers.isEmpty()) {
      return;
    }
    for (Event.RowChange follower : followers) {
      requireRoom(follower.table(), followers.size());
    }
    List<QuarantinedEvent> events =
        followers.stream().map(follower -> EventText.write(follower, false)).toList();
    require();
    quarantine.add(events);
    events.forEach(event -> ward(event).add(event));
  }

  private void requireRoom(TableSchema table, int more) {
    Ward ward = wards.get(table.id());
    int there = ward == null ? 0 : ward.size();
    if (there + more > maxEvents) {
      throw new EtlException(
              ErrorKind.DESTINATION_REJECTED,
              "the quarantine of table " + table.name() + " is full: it has " + there + " events")
          .withTable(table.id().oid())
          .withFix("Fix the cause of the refusals, then resync the table.");
    }
  }

  /** Events of a ward have left it. */
  void tidy(Ward ward) {
    if (ward.isEmpty()) {
      boolean unused = wards.remove(ward.table(), ward);
      any = !wards.isEmpty();
    }
  }

  /** The table is copied: what is in quarantine of it is older than the copy. */
  void clear(TableId table) {
    if (open) {
      require();
      quarantine.clear(table);
      Ward unused = wards.remove(table);
      any = !wards.isEmpty();
    }
  }

  List<QuarantineStatus> status() {
    return wards.values().stream()
        .map(Ward::status)
        .filter(Objects::nonNull)
        .sorted(Comparator.comparing(status -> status.name().toString()))
        .toList();
  }
}
