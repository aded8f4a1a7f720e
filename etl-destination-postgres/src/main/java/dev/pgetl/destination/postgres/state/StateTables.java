package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.sql.TextArray;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The remembered state of a pipeline's tables. Each {@link Takeover} raises the epoch, so a process
 * that another one has replaced changes nothing more: every transaction locks the rows of its
 * tables, and finds its epoch there or fails. Thread-safe.
 */
public final class StateTables {
  /** The server notices within 25 seconds that a machine is lost, and ends its transaction. */
  private static final int TAKEOVER_MILLIS = 60_000;

  private final String pipelineId;
  private final String schema;
  private final String pipelines;
  private final String targets;
  private final Acknowledged acknowledged = new Acknowledged();
  private volatile long epoch;

  /**
   * Creates it; connects to nothing yet.
   *
   * @param schema the schema of the tables
   * @param pipelineId whose rows
   */
  public StateTables(String schema, String pipelineId) {
    this.schema = schema;
    this.pipelineId = pipelineId;
    this.pipelines = new TableName(schema, "pipeline").quoted();
    this.targets = new TableName(schema, "target").quoted();
  }

  /** {@return the SQL that creates the tables} */
  public static String ddl(String schema) {
    return StateSchema.ddl(schema);
  }

  /** {@return whose rows} */
  public String pipelineId() {
    return pipelineId;
  }

  /** Creates what is missing. */
  void create(Session session) throws SQLException {
    session.doing(null, "create the state of destination tables in schema " + schema);
    StateSchema.create(session, schema);
  }

  /**
   * Takes the rows over from an earlier process.
   *
   * @param ownerEpoch the epoch of the owner, if the pipeline waits for its turn
   * @param own the server's processes for this one
   * @return what {@link #owns} has to receive when the transaction is committed
   */
  long takeOver(Session session, OptionalLong ownerEpoch, Collection<Integer> own)
      throws SQLException {
    if (ownerEpoch.isPresent()) {
      requireNotLate(session, ownerEpoch.getAsLong());
    }
    Predecessor.end(session, own);
    session.run("set local lock_timeout = " + TAKEOVER_MILLIS);
    long next = raise(session, ownerEpoch);
    List<Long> locked =
        session.all(
            row -> row.getLong(1),
            "select source_oid from %s where pipeline = ? order by source_oid for update"
                .formatted(targets),
            pipelineId);
    if (!locked.isEmpty()) {
      session.run("update " + targets + " set epoch = ? where pipeline = ?", next, pipelineId);
    }
    return next;
  }

  /** Without a lock, which a process before may hold. */
  private void requireNotLate(Session session, long ownerEpoch) throws SQLException {
    Optional<Long> greatest =
        session.one(
            row -> row.getLong(1),
            "select owner_epoch from " + pipelines + " where name = ?",
            pipelineId);
    if (greatest.isPresent() && greatest.get() > ownerEpoch) {
      throw Ownership.late(pipelineId, ownerEpoch, pipelines);
    }
  }

  /** An owner whose answer was lost repeats its call; it has the epoch already. */
  private long raise(Session session, OptionalLong ownerEpoch) throws SQLException {
    if (ownerEpoch.isEmpty()) {
      return session
          .one(
              row -> row.getLong(1),
              "insert into %1$s as p (name, epoch) values (?, 1) on conflict (name) do update set epoch = p.epoch + 1 returning epoch"
                  .formatted(pipelines),
              pipelineId)
          .orElseThrow();
    }
    return session
        .one(
            row -> row.getLong(1),
            """
            insert into %s as p (name, epoch, owner_epoch) values (?, 1, ?)
            on conflict (name) do update
              set epoch = p.epoch + (p.owner_epoch < excluded.owner_epoch)::int,
                owner_epoch = excluded.owner_epoch
              where p.owner_epoch <= excluded.owner_epoch
            returning epoch
            """
                .formatted(pipelines),
            pipelineId,
            ownerEpoch.getAsLong())
        .orElseThrow(() -> Ownership.late(pipelineId, ownerEpoch.getAsLong(), pipelines));
  }

  /** This process writes the tables from now on. */
  void owns(long taken) {
    acknowledged.forgetAll();
    epoch = taken;
  }

  /**
   * Locks the rows of tables until the transaction ends, always in the same order.
   *
   * @return the states of those that are known
   * @throws EtlException if another process has taken the pipeline over
   */
  public Map<TableId, TableState> lock(Session session, Collection<TableId> ids)
      throws SQLException {
    Map<TableId, TableState> states = new LinkedHashMap<>();
    List<StateRow> rows =
        session.all(
            StateRow::read,
            StateRow.SELECT.formatted(targets)
                + " where pipeline = ? and source_oid = any (?::bigint[])"
                + " order by source_oid for update",
            pipelineId,
            TextArray.of(ids.stream().map(TableId::oid).toList()));
    for (StateRow row : rows) {
      requireEpoch(row.epoch());
      states.put(row.state().id(), row.state());
    }
    return states;
  }

  /** {@return the locked state of a table, if it is known} */
  public Optional<TableState> lock(Session session, TableId id) throws SQLException {
    return Optional.ofNullable(lock(session, List.of(id)).get(id));
  }

  /** {@return the locked state of the table whose rows are in a table of the destination} */
  public Optional<TableState> holder(Session session, TableName target) throws SQLException {
    return session
        .one(
            StateRow::read,
            StateRow.SELECT.formatted(targets)
                + " where pipeline = ? and schema_name = ? and table_name = ? for update",
            pipelineId,
            target.schema(),
            target.name())
        .map(StateRow::state);
  }

  /**
   * Checks that the destination has what it has acknowledged of tables.
   *
   * @param states the locked states of those that are known
   * @throws EtlException for the first table whose acknowledged commits are missing
   */
  public void requireAcknowledged(Collection<TableId> ids, Map<TableId, TableState> states) {
    for (TableId id : ids) {
      acknowledged.require(id, states.get(id));
    }
  }

  /** States are committed. */
  public void committed(Collection<TableState> states) {
    states.forEach(acknowledged::committed);
  }

  private void requireEpoch(long found) {
    if (found > epoch) {
      throw Ownership.lost(pipelineId);
    }
    if (found < epoch) {
      throw Ownership.setBack(pipelineId);
    }
  }

  /**
   * Remembers a table from now on.
   *
   * @param version a version of it
   * @param target the table of the destination
   * @throws EtlException if the table of the destination is another's
   */
  public TableState claim(Session session, TableSchema version, TableName target)
      throws SQLException {
    long current =
        session
            .one(
                row -> row.getLong(1),
                "select epoch from " + pipelines + " where name = ? for share",
                pipelineId)
            .orElse(-1L);
    requireEpoch(current);
    int created =
        session.run(
            "insert into "
                + targets
                + " (pipeline, source_oid, source_name, schema_name, table_name, epoch)"
                + " values (?, ?, ?, ?, ?, ?) on conflict do nothing",
            pipelineId,
            version.id().oid(),
            version.name().toString(),
            target.schema(),
            target.name(),
            current);
    if (created == 0) {
      throw Ownership.taken(session, targets, version, target);
    }
    return new TableState(version.id(), target, EventSequence.NONE, List.of(), 0, null, null);
  }

  /**
   * Forgets a table of this pipeline that the source has no more, so that another may take its
   * place in the destination.
   *
   * @param current the tables that the source may have
   * @return whether there was one
   */
  public boolean release(Session session, TableName target, Collection<TableId> current)
      throws SQLException {
    return session.run(
            "delete from "
                + targets
                + " where pipeline = ? and schema_name = ? and table_name = ?"
                + " and not source_oid = any (?::bigint[])",
            pipelineId,
            target.schema(),
            target.name(),
            TextArray.of(current.stream().map(TableId::oid).toList()))
        > 0;
  }

  /** Forgets a table, whose row is locked by this transaction. */
  public void forget(Session session, TableId id) throws SQLException {
    acknowledged.forget(id);
    session.run(
        "delete from " + targets + " where pipeline = ? and source_oid = ?", pipelineId, id.oid());
  }

  /** Remembers a state; its row is locked by this transaction. */
  public void save(Session session, TableState state) throws SQLException {
    TableState.Aside aside = state.aside();
    session.run(
        StateRow.UPDATE.formatted(targets),
        state.target().schema(),
        state.target().name(),
        state.last().commitLsn().toString(),
        state.last().txOrdinal(),
        TextArray.of(state.columns().stream().map(column -> column.name()).toList()),
        TextArray.of(state.columns().stream().map(column -> column.number()).toList()),
        TextArray.of(state.columns().stream().map(column -> column.type()).toList()),
        state.copied(),
        aside == null ? null : aside.table().name(),
        aside == null ? null : aside.version().toString(),
        text(state.replaced()),
        pipelineId,
        state.id().oid());
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  /**
   * Remembers that a call has brought rows of a copy, and ends the transaction, which has locked
   * the row of the table.
   */
  public void commitCopied(Session session, TableState state) throws SQLException {
    session.runAndCommit(
        "update " + targets + " set copied = ? where pipeline = ? and source_oid = ?",
        state.copied(),
        pipelineId,
        state.id().oid());
  }

  /** Moves the keys of tables and ends the transaction, which has locked their rows. */
  public void commitKeys(Session session, Collection<TableState> states) throws SQLException {
    List<Long> ids = new ArrayList<>();
    List<String> commits = new ArrayList<>();
    List<Long> ordinals = new ArrayList<>();
    for (TableState state : states) {
      ids.add(state.id().oid());
      commits.add(state.last().commitLsn().toString());
      ordinals.add(state.last().txOrdinal());
    }
    session.runAndCommit(
        """
        update %s t set last_commit = k.last_commit, last_ordinal = k.last_ordinal
        from unnest(?::bigint[], ?::pg_lsn[], ?::bigint[]) k (source_oid, last_commit, last_ordinal)
        where t.pipeline = ? and t.source_oid = k.source_oid
        """
            .formatted(targets),
        TextArray.of(ids),
        TextArray.of(commits),
        TextArray.of(ordinals),
        pipelineId);
  }

  /**
   * {@return the key of the last event of a table; empty if the table is not known} Waits for a
   * commit whose answer was lost.
   */
  public Optional<EventSequence> last(Session session, TableId id) throws SQLException {
    return session
        .one(
            StateRow::read,
            StateRow.SELECT.formatted(targets) + " where pipeline = ? and source_oid = ? for share",
            pipelineId,
            id.oid())
        .map(row -> row.state().last());
  }
}
