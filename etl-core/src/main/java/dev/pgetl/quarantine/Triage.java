package dev.pgetl.quarantine;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One list of events on its way: what waits in quarantine for its turn joins it, what is refused is
 * found and kept, the rest is delivered in order. Owned by the calling thread.
 */
final class Triage {
  private static final Logger LOG = LoggerFactory.getLogger(Triage.class);

  private final Destination target;
  private final Wards wards;
  private final Policies policies;
  private boolean accepted;

  Triage(Destination target, Wards wards, Policies policies) {
    this.target = target;
    this.wards = wards;
    this.policies = policies;
  }

  /**
   * {@return whether a failure is a refusal that has had no effect}
   *
   * @param target the destination that has failed
   */
  static boolean isRefusal(EtlException failure, Destination target) {
    boolean definite =
        failure.kind() == ErrorKind.DESTINATION_REJECTED || failure.kind() == ErrorKind.SOURCE_DATA;
    return definite
        && failure.tableOid().isPresent()
        && failure.retry() != RetryDirective.TIMED
        && target.refusesWholeCalls();
  }

  WriteResult result() {
    return accepted ? WriteResult.ACCEPTED : WriteResult.DURABLE;
  }

  // ---- what waits ----

  void deliver(List<Event> events) {
    List<Event> run = new ArrayList<>(events.size());
    Followers followers = new Followers();
    for (Event event : events) {
      note(event);
      if (event instanceof Event.RowChange change && followers.take(change)) {
        continue;
      }
      if (event instanceof Event.Truncate truncate && concernsAny(truncate)) {
        wards.addAll(followers.taken);
        write(run);
        truncate(truncate);
        run = new ArrayList<>();
        followers = new Followers();
      } else {
        run.add(event);
      }
    }
    wards.addAll(followers.taken);
    write(run);
  }

  private void note(Event event) {
    if (event instanceof Event.OfTable change) {
      seen(change.table().id(), event);
    } else if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> seen(table.id(), event));
    } else if (event instanceof Event.Commit commit) {
      wards.all().forEach(ward -> ward.ended(commit));
    }
  }

  private void seen(TableId table, Event event) {
    Ward ward = wards.find(table);
    if (ward != null) {
      ward.seen(event);
    }
  }

  private boolean concernsAny(Event.Truncate truncate) {
    return truncate.tables().stream().anyMatch(table -> wards.find(table.id()) != null);
  }

  /** What waited before it changes rows that are gone. */
  private void truncate(Event.Truncate truncate) {
    write(List.of(truncate));
    if (accepted) {
      wards.require();
      target.flush();
    }
    for (TableSchema table : truncate.tables()) {
      Ward ward = wards.find(table.id());
      if (ward != null) {
        List<EventSequence> before = ward.before(truncate.sequence());
        wards.require();
        wards.quarantine().remove(table.id(), before);
        ward.remove(before);
        wards.tidy(ward);
      }
    }
  }

  /** Changes of one run that follow others into the quarantine, and what follows them. */
  private final class Followers {
    private final List<Event.RowChange> taken = new ArrayList<>();
    private final Map<TableId, Ward> joined = new HashMap<>();

    boolean take(Event.RowChange change) {
      TableId table = change.table().id();
      Ward ward = wards.find(table);
      if (ward == null) {
        return false;
      }
      RowKeys keys = RowKeys.of(change);
      Ward also = joined.get(table);
      EventSequence sequence = change.sequence();
      if (!ward.concerns(keys, sequence) && (also == null || !also.concerns(keys, sequence))) {
        return false;
      }
      taken.add(change);
      joined
          .computeIfAbsent(table, id -> new Ward(id, change.table().name()))
          .add(EventText.write(change, false));
      return true;
    }
  }

  // ---- what is refused ----

  private void write(List<Event> run) {
    if (run.isEmpty()) {
      return;
    }
    List<Event> call = List.copyOf(run);
    try {
      wards.require();
      accepted |= target.writeEvents(call) == WriteResult.ACCEPTED;
    } catch (EtlException e) {
      if (!isRefusal(e, target)) {
        throw e;
      }
      isolate(call, e);
      return;
    }
    if (wards.any()) {
      call.forEach(this::accepted);
    }
  }

  private void accepted(Event event) {
    if (event instanceof Event.RowChange change) {
      Ward ward = wards.find(change.table().id());
      if (ward != null) {
        ward.accepted();
      }
    }
  }

  /**
   * The destination has refused a call, as a whole: halves are made of it until the event is found.
   */
  void isolate(List<Event> call, EtlException refusal) {
    policies.requireQuarantine(refusal);
    if (call.size() == 1) {
      refused(call.get(0), refusal);
      return;
    }
    int half = call.size() / 2;
    write(call.subList(0, half));
    deliver(call.subList(half, call.size()));
  }

  private void refused(Event event, EtlException refusal) {
    if (!(event instanceof Event.RowChange change)) {
      throw refusal;
    }
    TableSchema table = change.table();
    if (refusal.tableOid().orElse(table.id().oid()) != table.id().oid()) {
      throw refusal;
    }
    policies.requireQuarantine(table, refusal);
    Ward ward = wards.find(table.id());
    int inRow = ward == null ? 1 : ward.refused();
    if (inRow > policies.maxInRow()) {
      throw policies.tooMany(table, refusal);
    }
    wards.add(change);
    if (ward == null) {
      countFirst(table.id());
    }
    LOG.warn(
        "event {} of table {} was refused and is in quarantine, and later events of its key follow"
            + " it: {}: {}",
        event.sequence(),
        table.name(),
        refusal.kind(),
        refusal.getMessage());
  }

  private void countFirst(TableId table) {
    Ward made = wards.find(table);
    if (made != null) {
      int unused = made.refused();
    }
  }
}
