package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
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

  private static final int MOST_ASKED = 127;
  private static final int MOST_HELD = 1_000;

  private final Query query;
  private final LongSupplier typeChanges;
  private final Supplier<Collection<TableId>> tables;
  private final Map<TableId, TableFacts> ahead = new HashMap<>();
  private final Set<TableId> seen = new HashSet<>();
  private @Nullable Iterator<TableId> next;
  private int others;
  private long changesBefore;

  /**
   * Creates one that knows nothing yet.
   *
   * @param query asks the catalogue
   * @param typeChanges how often a type was seen to have changed
   * @param tables which the stream may name
   */
  public LookAhead(Query query, LongSupplier typeChanges, Supplier<Collection<TableId>> tables) {
    this.query = query;
    this.typeChanges = typeChanges;
    this.tables = tables;
  }

  /**
   * {@return what the catalogue says about a table, not before a transaction committed}
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
      ahead.clear();
      others = 0;
    }
    List<TableId> unnamed = unnamed(wire.id());
    others = Math.min(2 * others + 1, MOST_ASKED);
    changesBefore = typeChanges.getAsLong();
    ahead.putAll(query.facts(wire, unnamed));
    TableFacts facts = ahead.remove(wire.id());
    return facts == null ? TableFacts.NONE : facts;
  }

  /** Each table is looked up ahead once at most: one that is not used may never be. */
  private List<TableId> unnamed(TableId named) {
    seen.add(named);
    if (next == null) {
      next = List.copyOf(tables.get()).iterator();
    }
    List<TableId> unnamed = new ArrayList<>();
    int room = Math.min(others, MOST_HELD - ahead.size());
    while (unnamed.size() < room && next.hasNext()) {
      TableId table = next.next();
      if (seen.add(table)) {
        unnamed.add(table);
      }
    }
    return unnamed;
  }
}
