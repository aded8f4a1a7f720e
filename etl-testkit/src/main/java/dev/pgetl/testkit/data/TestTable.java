package dev.pgetl.testkit.data;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds a table's schema and its rows. Not thread-safe; its schemas and rows are immutable.
 *
 * <pre>{@code
 * TableSchema users = TestTable.named("users").key("id", TestTable.INT8).column("name", TestTable.TEXT).build();
 * TableRow row = TestTable.row(users, "1", "Ada");
 * }</pre>
 */
public final class TestTable {
  /** {@code bigint}. */
  public static final PgType INT8 = PgType.base(20, "int8");

  /** {@code integer}. */
  public static final PgType INT4 = PgType.base(23, "int4");

  /** {@code text}. */
  public static final PgType TEXT = PgType.base(25, "text");

  /** Represents a column that Postgres did not send. */
  public static final String ABSENT = new String("absent".toCharArray());

  private static final long FIRST_USER_OID = 16384;

  private final TableName name;
  private final List<ColumnSchema> columns = new ArrayList<>();
  private TableId id;
  private Lsn snapshotLsn = new Lsn(1);
  private ReplicaIdentity identity = ReplicaIdentity.DEFAULT;
  private int keyColumns;

  private TestTable(TableName name) {
    this.name = name;
    this.id = new TableId(FIRST_USER_OID + Math.floorMod(name.hashCode(), 1_000_000));
  }

  /**
   * {@return a table without columns in schema {@code public}} Its identity follows from the name.
   *
   * @param name the table's name
   */
  public static TestTable named(String name) {
    return new TestTable(new TableName("public", name));
  }

  /**
   * Sets the table's identity.
   *
   * @param oid its OID
   * @return this builder
   */
  public TestTable id(long oid) {
    id = new TableId(oid);
    return this;
  }

  /**
   * Sets where the version begins to hold; default {@code 0/1}.
   *
   * @param value the position
   * @return this builder
   */
  public TestTable version(Lsn value) {
    snapshotLsn = value;
    return this;
  }

  /**
   * Sets the replica identity; default {@link ReplicaIdentity#DEFAULT}.
   *
   * @param value the identity
   * @return this builder
   */
  public TestTable identity(ReplicaIdentity value) {
    identity = value;
    return this;
  }

  /**
   * Adds a column of the primary key.
   *
   * @param column its name
   * @param type its type
   * @return this builder
   */
  public TestTable key(String column, PgType type) {
    keyColumns++;
    columns.add(
        ColumnSchema.builder(column, type)
            .attributeNumber(columns.size() + 1)
            .nullable(false)
            .primaryKeyOrdinal(keyColumns)
            .build());
    return this;
  }

  /**
   * Adds a column that may be null.
   *
   * @param column its name
   * @param type its type
   * @return this builder
   */
  public TestTable column(String column, PgType type) {
    columns.add(ColumnSchema.builder(column, type).attributeNumber(columns.size() + 1).build());
    return this;
  }

  /** {@return the schema} */
  public TableSchema build() {
    return TableSchema.builder(id, name)
        .snapshotLsn(snapshotLsn)
        .replicaIdentity(identity)
        .columns(
            columns.stream()
                .map(column -> column.toBuilder().inReplicaIdentity(isIdentity(column)).build())
                .toList())
        .build();
  }

  private boolean isIdentity(ColumnSchema column) {
    return switch (identity) {
      case FULL -> true;
      case NOTHING -> false;
      case DEFAULT, INDEX -> column.primaryKeyOrdinal() > 0;
    };
  }

  /**
   * {@return a row}
   *
   * @param table the version of the table it has
   * @param texts one text per column, as Postgres would send it; null for a null, {@link #ABSENT}
   *     itself for a column not sent
   */
  public static TableRow row(TableSchema table, @Nullable String... texts) {
    if (texts.length != table.columnCount()) {
      throw new IllegalArgumentException(
          table + " has " + table.columnCount() + " columns, not " + texts.length);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] bounds = new int[2 * texts.length];
    for (int i = 0; i < texts.length; i++) {
      bounds[2 * i] = bytes.size();
      bounds[2 * i + 1] = append(texts[i], bytes);
    }
    return WireRow.of(table, bytes.toByteArray(), bounds);
  }

  // The marker is an object, not a text: "absent" is a value like any other.
  @SuppressWarnings("ReferenceEquality")
  private static int append(@Nullable String text, ByteArrayOutputStream bytes) {
    if (text == null) {
      return WireRow.NULL;
    }
    if (text == ABSENT) {
      return WireRow.ABSENT;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    bytes.writeBytes(encoded);
    return encoded.length;
  }
}
