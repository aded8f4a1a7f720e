package dev.pgetl.internal.verify.source;

import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.copy.key.KeyPlan;
import dev.pgetl.internal.verify.SourceTable;
import dev.pgetl.internal.verify.sql.HashQueries;
import dev.pgetl.internal.verify.sql.HashSql;
import dev.pgetl.internal.verify.sql.HashedColumn;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.verify.GroupHash;
import dev.pgetl.verify.KeyHash;
import dev.pgetl.verify.RowPart;
import dev.pgetl.verify.VerifiedShape;
import dev.pgetl.verify.VerifiedTable;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The rows of a published table. Owned by one thread. */
public final class PublishedRows implements SourceTable {
  private static final String APPLIED =
      "SELECT confirmed_flush_lsn::text FROM pg_catalog.pg_replication_slots WHERE slot_name = ?";

  /** A slot of the table's own, or one of a group of tables. */
  private static final String COPIED =
      """
      SELECT count(*) FROM pg_catalog.pg_replication_slots
      WHERE starts_with(slot_name, ?) AND substr(slot_name, length(?) + 1) ~ ('^(' || ? || '|[a-z][0-9]+)$')""";

  private static final String POSITION =
      "SELECT pg_catalog.pg_current_wal_insert_lsn()::text, pg_catalog.current_setting('wal_block_size')::bigint";

  /**
   * The greatest number of a snapshot is that of the last transaction that has ended; those that
   * are open may be behind it. The age of a number is its distance to the next one.
   */
  private static final String NEXT =
      "x::text::bigint + pg_catalog.age(x::xid)"
          + " FROM pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()) x";

  private static final long LONGEST_PAGE_HEADER = 40;

  private final VerifiedSource source;
  private final PublishedTable table;
  private final VerifiedShape shape;
  private final HashSql sql;

  PublishedRows(
      VerifiedSource source,
      PublishedTable table,
      VerifiedShape shape,
      List<HashedColumn> columns,
      String rowFilter) {
    this.source = source;
    this.table = table;
    this.shape = shape;
    List<HashedColumn> key =
        shape.key().stream().map(name -> columns.get(shape.version().indexOf(name))).toList();
    List<String> conditions = new ArrayList<>();
    if (!rowFilter.isEmpty()) {
      conditions.add("(" + rowFilter + ")");
    }
    if (!shape.condition().isEmpty()) {
      conditions.add("(" + shape.condition() + "\n)");
    }
    String from = (table.partitioned() ? "" : "ONLY ") + table.name().quoted();
    this.sql = new HashSql(from, columns, key, conditions);
  }

  /**
   * {@return the parts of the table: ranges of the key where both sides read them, otherwise one}
   *
   * @param other the destination's side
   * @param rows about how many rows a part shall have
   */
  public List<RowPart> parts(VerifiedTable other, long rows) {
    return ask(
        "divide",
        c -> {
          for (ColumnSchema column : shape.version().primaryKey()) {
            if (KeyPlan.isKey(c, shape.version(), column.name())
                && other.readsRanges(column.name())) {
              return Parts.of(c, table, column, rows);
            }
          }
          return List.of(RowPart.of(null));
        });
  }

  private <T> T ask(String doing, VerifiedSource.Question<T> question) {
    return source.ask(doing + " table " + table.name(), question);
  }

  @Override
  public boolean readsRanges(String column) {
    return true;
  }

  @Override
  public String generation() {
    return "";
  }

  @Override
  public List<GroupHash> hash(RowPart part) {
    return ask("hash", c -> HashQueries.groups(c, sql.groups(part)));
  }

  @Override
  public List<KeyHash> keys(RowPart part) {
    return ask("list", c -> HashQueries.keys(c, sql.keys(part)));
  }

  @Override
  public List<KeyHash> keys(List<List<String>> some) {
    return ask("list keys of", c -> HashQueries.keys(c, sql.keys(some)));
  }

  @Override
  public Lsn position() {
    return ask("read the position behind rows of", PublishedRows::position);
  }

  /** Behind the header of a page there is no record yet: what is applied ends before it. */
  private static Lsn position(Connection connection) throws SQLException {
    return Sql.first(
            connection,
            POSITION,
            row -> {
              long position = Lsn.parse(row.getString(1)).value();
              long inPage = Long.remainderUnsigned(position, row.getLong(2));
              return new Lsn(inPage <= LONGEST_PAGE_HEADER ? position - inPage : position);
            })
        .orElseThrow();
  }

  /** {@return up to where the destination holds everything durably; zero if it is not known} */
  public Lsn applied() {
    String slot = "pgetl_apply_" + source.pipelineId();
    return ask(
        "read what is applied of",
        c -> Sql.first(c, APPLIED, row -> row.getString(1), slot).map(Lsn::parse).orElse(Lsn.ZERO));
  }

  @Override
  public boolean isCopied() {
    String prefix = "pgetl_sync_" + source.pipelineId() + "_";
    return ask(
        "look for a copy of",
        c ->
            Sql.first(c, COPIED, row -> row.getLong(1), prefix, prefix, table.id().toString())
                    .orElse(0L)
                > 0);
  }

  @Override
  public long nextTransaction() {
    return number(NEXT);
  }

  @Override
  public long oldestTransaction() {
    return number("pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint");
  }

  private long number(String expression) {
    return ask(
            "look for transactions on",
            c -> Sql.first(c, "SELECT " + expression, row -> row.getLong(1)))
        .orElseThrow();
  }

  /** The connection is the source's. */
  @Override
  public void close() {}
}
