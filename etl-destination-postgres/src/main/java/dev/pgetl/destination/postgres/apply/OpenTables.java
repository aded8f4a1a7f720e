package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.state.StateTables;
import dev.pgetl.destination.postgres.state.TableState;
import dev.pgetl.destination.postgres.table.TargetTable;
import dev.pgetl.destination.postgres.table.TargetTables;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables of one transaction: their locked states, and what they are in the destination. */
public final class OpenTables {
  private static final Logger LOG = LoggerFactory.getLogger(OpenTables.class);

  /** What the name of a table begins with that gave its name to another one. */
  private static final String ASIDE = "pgetl_renamed_";

  private final Session session;
  private final Tables tables;
  private final Map<TableId, TableState> states = new LinkedHashMap<>();

  OpenTables(Session session, Tables tables) {
    this.session = session;
    this.tables = tables;
  }

  private StateTables memory() {
    return tables.memory();
  }

  private TargetTables targets() {
    return tables.targets();
  }

  /** Locks the states of tables until the transaction ends. */
  public void lock(Collection<TableId> ids) throws SQLException {
    tables.used(ids);
    states.putAll(memory().lock(session, ids));
  }

  /**
   * Checks that the destination has what it has acknowledged of tables.
   *
   * @throws dev.pgetl.error.EtlException for the first table whose acknowledged commits are missing
   */
  public void requireAcknowledged(Collection<TableId> ids) {
    memory().requireAcknowledged(ids, states);
  }

  /** The transaction is committed. */
  public void committed() {
    memory().committed(states.values());
  }

  /** {@return the state of a table, if it is known} */
  public Optional<TableState> known(TableId id) {
    return Optional.ofNullable(states.get(id));
  }

  /** {@return the state of a table, which is remembered from now on if it was not known} */
  public TableState state(TableSchema version) throws SQLException {
    TableState known = states.get(version.id());
    return known == null ? claim(version) : known;
  }

  private TableState claim(TableSchema version) throws SQLException {
    TableState claimed = memory().claim(session, version, tables.mapped(version.name()));
    states.put(version.id(), claimed);
    return claimed;
  }

  /**
   * Lets a table of the source that is gone give way.
   *
   * @return whether there was one
   */
  public boolean release(TableSchema version) throws SQLException {
    Optional<Collection<TableId>> current = tables.current();
    return current.isPresent()
        && memory().release(session, tables.mapped(version.name()), current.get());
  }

  /** {@return whether a table of the destination is that which the name of a version gives} */
  public boolean isNamedFor(TableState state, TableSchema version) {
    return state.target().equals(tables.mapped(version.name()));
  }

  /** Forgets a table, but not its rows. */
  public void forget(TableId id) throws SQLException {
    memory().forget(session, id);
    TableState unused = states.remove(id);
  }

  /** Remembers a state. */
  public TableState save(TableState state) throws SQLException {
    memory().save(session, state);
    states.put(state.id(), state);
    return state;
  }

  /** {@return the table that readers find, made to fit a version} */
  public TargetTable visible(TableSchema version) throws SQLException {
    TableState state = renamed(state(version), version);
    Optional<TargetTable> known = targets().known(version, state.target());
    if (known.isPresent()) {
      return known.get();
    }
    TargetTables.Fit fit = targets().fit(session, version, state.target(), state.columns());
    if (!fit.columns().equals(state.columns())) {
      TableState unused = save(state.fitting(fit.columns()));
    }
    return fit.table();
  }

  /** {@return the table that rows of a copy are written to, made to fit their version} */
  public TargetTable written(TableSchema version) throws SQLException {
    TableState state = state(version);
    TableState.Aside aside = state.aside();
    if (aside == null || !state.isAside(version)) {
      return visible(version);
    }
    Optional<TargetTable> known = targets().known(version, aside.table());
    return known.isPresent()
        ? known.get()
        : targets().fitExisting(session, version, aside.table()).table();
  }

  private TableState renamed(TableState state, TableSchema version) throws SQLException {
    TableName wanted = tables.mapped(version.name());
    TableName current = state.target();
    if (!targets().renamesTables() || wanted.equals(current)) {
      return state;
    }
    giveWay(version, wanted);
    session.doing(version, "rename table " + current + " of the destination to " + wanted);
    targets().rename(session, current, wanted);
    return save(state.named(wanted));
  }

  /**
   * The table that had the name before has another one by now, which its own next version brings.
   */
  private void giveWay(TableSchema version, TableName wanted) throws SQLException {
    Optional<TableState> holder = memory().holder(session, wanted);
    if (holder.isPresent()) {
      TableId id = holder.get().id();
      TableName aside = new TableName(wanted.schema(), ASIDE + id.oid());
      session.doing(version, "rename table " + wanted + " of the destination to " + aside);
      targets().rename(session, wanted, aside);
      TableState unused = save(states.getOrDefault(id, holder.get()).named(aside));
      LOG.warn(
          "table {} of the destination is called {} until the next change of its table in the source",
          wanted,
          aside);
    }
  }

  /** Moves the key of a table; stored by {@link #commitKeys}. */
  void at(TableId id, EventSequence key) {
    TableState state = states.get(id);
    if (state != null) {
      states.put(id, state.at(key));
    }
  }

  /** Stores the keys and ends the transaction. */
  void commitKeys() throws SQLException {
    session.doing(null, "remember the last events of " + states.size() + " tables");
    memory().commitKeys(session, states.values());
  }

  /** Counts a call with rows of a copy, and ends the transaction. */
  public void commitCopied(TableState state) throws SQLException {
    memory().commitCopied(session, state);
    states.put(state.id(), state);
  }
}
