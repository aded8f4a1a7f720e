package dev.pgetl.destination.postgres.state;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows to be committed. A destination that has less was set back: a standby was
 * promoted that lacked commits, or a backup was restored. The source does not send again what was
 * acknowledged. Thread-safe.
 */
final class Acknowledged {
  private final Map<TableId, Commit> commits = new ConcurrentHashMap<>();

  /**
   * The last commit of a table. Both rise, but for the key that a copy sets back.
   *
   * @param copied how many calls of copies there have been
   * @param last the key of the last event
   */
  private record Commit(long copied, EventSequence last) {
    static Commit of(TableState state) {
      return new Commit(state.copied(), state.last());
    }

    boolean isBehind(Commit other) {
      return copied < other.copied || (copied == other.copied && last.compareTo(other.last) < 0);
    }
  }

  /** A transaction is committed. */
  void committed(TableState state) {
    Commit unused = commits.put(state.id(), Commit.of(state));
  }

  /** A table is to be unknown from now on. */
  void forget(TableId id) {
    Commit unused = commits.remove(id);
  }

  /** Another process may have had the tables. */
  void forgetAll() {
    commits.clear();
  }

  /** {@return the tables of this process} */
  Iterable<TableId> tables() {
    return commits.keySet();
  }

  /** {@return whether a table was set back} */
  boolean isLost(TableId id, @Nullable TableState stored) {
    Commit known = commits.get(id);
    return known != null && (stored == null || Commit.of(stored).isBehind(known));
  }

  /**
   * Checks a table.
   *
   * @param stored its state in the destination; null if there is none
   * @throws EtlException of that table if it was set back
   */
  void require(TableId id, @Nullable TableState stored) {
    if (isLost(id, stored)) {
      throw Ownership.setBack(id);
    }
  }
}
