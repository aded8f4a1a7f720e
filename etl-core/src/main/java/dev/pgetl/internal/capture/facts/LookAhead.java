package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks tables up in the catalogue, and with them some that the stream is yet to name, so that a
 * backlog of many tables costs few queries. What was looked up ahead counts only for a transaction
 * whose effects it shows. Owned by the reader's thread.
 */
public final class LookAhead {
  /** Asks the catalogue. */
  public interface Query {
    /**
     * {@return the facts of all tables that are there}
     *
     * @param wire one of them as the stream describes it
     * @param others the others
     */
    Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others);
  }

  private static final int MOST_TABLES = 127;
  private static final int MOST_COLUMNS = 2_000;
  private static final int MOST_COLUMNS_HELD = 10_000;

  /** How often a catalogue is asked that does not show a transaction which has committed. */
  private static final int MOST_AGAIN = 20;

  private final Query query;
  private final Runnable pause;
  private final LongSupplier typeChanges;
  private final Supplier<List<TableId>> tables;
  private final Map<TableId, TableFacts> ahead = new HashMap<>();
  private final Set<TableId> seen = new HashSet<>();
  private Moment newest = Moment.UNKNOWN;
  private @Nullable Iterator<TableId> next;
  private int others;
  private long changesBefore;

  /**
   * Creates one that knows nothing yet.
   *
   * @param query asks the catalogue
   * @param pause waits a little for a transaction to show
   * @param typeChanges how often a type was seen to have changed
   * @param tables which the stream may name
   */
  public LookAhead(
      Query query, Runnable pause, LongSupplier typeChanges, Supplier<List<TableId>> tables) {
    this.query = query;
    this.pause = pause;
    this.typeChanges = typeChanges;
    this.tables = tables;
  }

  /**
   * A transaction begins. What does not show it does not show those after it.
   *
   * @param xid the transaction
   */
  public void begin(long xid) {
    if (!ahead.isEmpty() && !newest.shows(xid)) {
      forget();
    }
  }

  private void forget() {
    ahead.clear();
    others = 0;
  }

  /**
   * {@return what the catalogue says about a table, not before a transaction committed} A server
   * that waits for a standby sends a transaction before its catalogue shows it.
   *
   * @param wire the table as the stream describes it
   * @param xid the transaction
   */
  public TableFacts facts(TableSchema wire, long xid) {
    boolean sameTypes = changesBefore == typeChanges.getAsLong();
    TableFacts known = ahead.remove(wire.id());
    if (known != null && sameTypes && known.read().shows(xid) && known.coversTypesOf(wire)) {
      return known;
    }
    if (known != null || !sameTypes) {
      forget();
    }
    changesBefore = typeChanges.getAsLong();
    TableFacts facts = lookUp(wire);
    for (int i = 0; i < MOST_AGAIN && facts.isThere() && !facts.read().shows(xid); i++) {
      pause.run();
      facts = query.facts(wire, List.of()).getOrDefault(wire.id(), TableFacts.NONE);
    }
    return facts;
  }

  /** What cannot be looked up with others may be so because of one of them. */
  private TableFacts lookUp(TableSchema wire) {
    List<TableId> unnamed = unnamed(wire.id());
    Map<TableId, TableFacts> found;
    try {
      found = query.facts(wire, unnamed);
    } catch (RuntimeException e) {
      if (unnamed.isEmpty()) {
        throw e;
      }
      next = Collections.emptyIterator();
      found = query.facts(wire, List.of());
    }
    ahead.putAll(found);
    TableFacts facts = ahead.remove(wire.id());
    if (facts == null) {
      return TableFacts.NONE;
    }
    newest = facts.read();
    int room = MOST_COLUMNS * found.size() / Math.max(1, columns(found.values()));
    others = Math.min(2 * others + 1, Math.min(MOST_TABLES, room));
    return facts;
  }

  private static int columns(Collection<TableFacts> tables) {
    return tables.stream().mapToInt(table -> table.columns().size()).sum();
  }

  /**
   * The tables after the one that is named come first. Each is looked up ahead once at most: one
   * that is not used may never be.
   */
  private List<TableId> unnamed(TableId named) {
    seen.add(named);
    if (next == null) {
      List<TableId> all = new ArrayList<>(tables.get());
      Collections.rotate(all, -all.indexOf(named));
      next = all.iterator();
    }
    int most = columns(ahead.values()) < MOST_COLUMNS_HELD ? others : 0;
    List<TableId> unnamed = new ArrayList<>();
    while (unnamed.size() < most && next.hasNext()) {
      TableId table = next.next();
      if (seen.add(table)) {
        unnamed.add(table);
      }
    }
    return unnamed;
  }
}
