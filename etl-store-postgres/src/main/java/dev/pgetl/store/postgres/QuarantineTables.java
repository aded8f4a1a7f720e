package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The quarantine of one pipeline as rows, within a transaction. Names and content are bytes: the
 * database may have another encoding. Owned by one thread.
 */
final class QuarantineTables {
  private static final String SEPARATOR = "\u0000";

  private static final String READ =
      "select table_oid, commit_lsn::text, ordinal, refused, replay_lsn::text, replay_ordinal, event"
          + " from @.quarantine where pipeline_id = #";

  private static final String IN_ORDER = " order by table_oid, commit_lsn, ordinal";

  private static final String ONE =
      " where pipeline_id = # and table_oid = ? and commit_lsn = ?::pg_lsn and ordinal = ?";

  private final Connection connection;
  private final String schema;
  private final String pipeline;
  private final String pipelineId;

  QuarantineTables(Connection connection, String schema, int pipeline, String pipelineId) {
    this.connection = connection;
    this.schema = TableName.quote(schema);
    this.pipeline = Integer.toString(pipeline);
    this.pipelineId = pipelineId;
  }

  private String sql(String statement) {
    return statement.replace("#", pipeline).replace("@", schema);
  }

  private void run(String command, Object... arguments) throws SQLException {
    Sql.run(connection, sql(command), arguments);
  }

  // ---- epochs ----

  /** Makes an epoch the greatest one. */
  void begin(long epoch) throws SQLException {
    run(
        "insert into @.quarantine_epoch (pipeline_id, epoch) values (#, ?)"
            + " on conflict (pipeline_id) do nothing",
        epoch);
    requireEpoch(epoch);
    run("update @.quarantine_epoch set epoch = ? where pipeline_id = #", epoch);
  }

  /** Fails if a greater epoch has begun; none begins before the transaction ends. */
  void requireEpoch(long epoch) throws SQLException {
    long greatest =
        Sql.one(
                connection,
                row -> row.getLong(1),
                sql("select epoch from @.quarantine_epoch where pipeline_id = # for update"))
            .orElse(Long.MAX_VALUE);
    if (greatest > epoch) {
      throw new EtlException(
          ErrorKind.STORE_LOCKED,
          "the quarantine of pipeline %s is used by a process of a greater epoch than %d"
              .formatted(pipelineId, epoch));
    }
  }

  // ---- events ----

  List<QuarantinedEvent> all() throws SQLException {
    List<QuarantinedEvent> all = new ArrayList<>();
    Sql.each(connection, row -> all.add(event(row)), sql(READ + IN_ORDER));
    return all;
  }

  List<QuarantinedEvent> read(TableId table, EventSequence after, int limit) throws SQLException {
    List<QuarantinedEvent> some = new ArrayList<>();
    Sql.each(
        connection,
        row -> some.add(event(row)),
        sql(READ + " and table_oid = ? and (commit_lsn, ordinal) > (?::pg_lsn, ?)")
            + IN_ORDER
            + " limit ?",
        table.oid(),
        after.commitLsn().toString(),
        after.txOrdinal(),
        limit);
    return some;
  }

  private static QuarantinedEvent event(ResultSet row) throws SQLException {
    String[] texts = new String(row.getBytes(7), StandardCharsets.UTF_8).split(SEPARATOR, 3);
    return new QuarantinedEvent(
        new TableId(row.getLong(1)),
        new TableName(texts[0], texts[1]),
        new EventSequence(Lsn.parse(row.getString(2)), row.getLong(3)),
        row.getBoolean(4),
        key(row.getString(5), row.getLong(6)),
        texts[2]);
  }

  private static @Nullable EventSequence key(@Nullable String lsn, long ordinal) {
    return lsn == null ? null : new EventSequence(Lsn.parse(lsn), ordinal);
  }

  void add(List<QuarantinedEvent> events) throws SQLException {
    List<Object[]> rows = new ArrayList<>();
    for (QuarantinedEvent event : events) {
      TableName name = event.name();
      String texts = String.join(SEPARATOR, name.schema(), name.name(), event.content());
      EventSequence sequence = event.sequence();
      rows.add(
          new Object[] {
            event.table().oid(),
            sequence.commitLsn().toString(),
            sequence.txOrdinal(),
            event.refused(),
            texts.getBytes(StandardCharsets.UTF_8)
          });
    }
    Sql.runAll(
        connection,
        sql(
            "insert into @.quarantine (pipeline_id, table_oid, commit_lsn, ordinal, refused, event)"
                + " values (#, ?, ?::pg_lsn, ?, ?, ?) on conflict do nothing"),
        rows);
  }

  void remove(TableId table, List<EventSequence> events) throws SQLException {
    forEach("delete from @.quarantine" + ONE, table, events);
  }

  void clear(TableId table) throws SQLException {
    run("delete from @.quarantine where pipeline_id = # and table_oid = ?", table.oid());
    run("delete from @.quarantine_key where pipeline_id = # and table_oid = ?", table.oid());
  }

  // ---- keys of replays ----

  void mark(TableId table, List<EventSequence> events, EventSequence first) throws SQLException {
    List<Object[]> rows = new ArrayList<>();
    String lsn = first.commitLsn().toString();
    long ordinal = first.txOrdinal();
    for (EventSequence event : events) {
      String place = event.commitLsn().toString();
      rows.add(new Object[] {lsn, ordinal++, table.oid(), place, event.txOrdinal()});
    }
    Sql.runAll(
        connection,
        sql("update @.quarantine set replay_lsn = ?::pg_lsn, replay_ordinal = ?" + ONE),
        rows);
    run(
        """
        insert into @.quarantine_key as k (pipeline_id, table_oid, replay_lsn, replay_ordinal)
        values (#, ?, ?::pg_lsn, ?)
        on conflict (pipeline_id, table_oid) do update
        set replay_lsn = excluded.replay_lsn, replay_ordinal = excluded.replay_ordinal
        where (k.replay_lsn, k.replay_ordinal) < (excluded.replay_lsn, excluded.replay_ordinal)
        """,
        table.oid(),
        lsn,
        ordinal - 1);
  }

  void unmark(TableId table, List<EventSequence> events) throws SQLException {
    forEach(
        "update @.quarantine set replay_lsn = null, replay_ordinal = null" + ONE, table, events);
  }

  Optional<EventSequence> lastKey(TableId table) throws SQLException {
    return Sql.one(
        connection,
        row -> new EventSequence(Lsn.parse(row.getString(1)), row.getLong(2)),
        sql(
            "select replay_lsn::text, replay_ordinal from @.quarantine_key"
                + " where pipeline_id = # and table_oid = ?"),
        table.oid());
  }

  private void forEach(String command, TableId table, List<EventSequence> events)
      throws SQLException {
    List<Object[]> rows = new ArrayList<>();
    for (EventSequence event : events) {
      rows.add(new Object[] {table.oid(), event.commitLsn().toString(), event.txOrdinal()});
    }
    Sql.runAll(connection, sql(command), rows);
  }
}
