package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.destination.Destination;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.StateStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The last keys of some tables, which their destination is asked for each time. Immutable. */
public final class LastKeys {
  private final Destination destination;
  private final Asked asked;
  private final Attempts.Turn turn;

  /** Names the tables. */
  private interface Asked {
    List<TableId> tables();
  }

  private LastKeys(Destination destination, Asked asked, Attempts.Turn turn) {
    this.destination = destination;
    this.asked = asked;
    this.turn = turn;
  }

  /**
   * {@return the last key of one table}
   *
   * @param turn surrounds each question
   */
  public static LastKeys of(Destination destination, TableId table, Attempts.Turn turn) {
    List<TableId> only = List.of(table);
    return new LastKeys(destination, () -> only, turn);
  }

  /**
   * {@return the last keys of all tables in some phases}
   *
   * @param store knows the phases
   * @param included the phases of tables that count
   * @param turn surrounds each question
   */
  public static LastKeys of(
      Destination destination,
      StateStore store,
      Predicate<TableReplicationPhase> included,
      Attempts.Turn turn) {
    return new LastKeys(
        destination,
        () ->
            store.getTableReplicationStates().entrySet().stream()
                .filter(known -> included.test(known.getValue()))
                .map(Map.Entry::getKey)
                .toList(),
        turn);
  }

  /** {@return the tables} */
  List<TableId> tables() {
    return asked.tables();
  }

  /**
   * {@return right behind the greatest key, or a position that is greater}
   *
   * @param atLeast the greater position
   * @param interest whether the end is behind it is the question: empty if the destination knows
   *     too little to answer that
   */
  Optional<Lsn> end(Lsn atLeast, Lsn interest) throws InterruptedException {
    Lsn furthest = atLeast;
    boolean complete = true;
    for (TableId table : asked.tables()) {
      Optional<EventSequence> last = ask(table);
      complete &= last.isPresent();
      EventSequence key = last.orElse(EventSequence.NONE);
      if (!key.equals(EventSequence.NONE)) {
        furthest = Lsn.max(furthest, key.commitLsn().plus(1));
      }
    }
    return complete || furthest.isAfter(interest) ? Optional.of(furthest) : Optional.empty();
  }

  private Optional<EventSequence> ask(TableId table) throws InterruptedException {
    String what = "asking destination " + destination.name() + " for its last key";
    turn.begin();
    try {
      return DestinationCall.answering(what, () -> destination.lastApplied(table)).make();
    } finally {
      turn.end();
    }
  }
}
