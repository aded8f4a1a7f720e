package dev.pgetl.it.walk;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an event says of its table, beside the names of columns.
 *
 * @param said the version
 * @param commit when the event's transaction was committed
 * @param shapes what was true
 */
record Description(TableSchema said, Lsn commit, Shapes shapes) {
  /**
   * Fails if it is wrong, or older than the copy that it follows. A key may be unknown. The fields
   * of a type may be out of date for a moment.
   *
   * @param copiedAt where the table's copy was made
   */
  void judge(Lsn copiedAt) {
    if (!commit.isBefore(copiedAt) && said.snapshotLsn().isBefore(copiedAt)) {
      throw wrong("is older than the copy of " + copiedAt);
    }
    if (!said.primaryKey().isEmpty() && !hadKey()) {
      throw wrong("names a primary key that the table did not have");
    }
    for (ColumnSchema column : said.columns()) {
      if (column.type().kind() == PgType.Kind.COMPOSITE && !hadFields(column)) {
        throw wrong("names fields that column " + column.name() + " got later");
      }
    }
  }

  private Failure wrong(String what) {
    return new Failure(
        Failure.Kind.BROKEN_RULE,
        "the description of an event of table %s, committed at %s, %s: %s; the table was %s"
            .formatted(said.id(), commit, what, said, shapes.possible(said.id().oid(), commit)));
  }

  /** The key of a partitioned table is that of its partitions. */
  private boolean hadKey() {
    return shapes.possible(said.id().oid(), commit).stream()
        .anyMatch(shape -> shape.kind().equals("p") || shape.primaryKey().equals(key(shape)));
  }

  private Set<Integer> key(Shape shape) {
    return said.primaryKey().stream()
        .map(column -> Objects.requireNonNullElse(shape.number(column.name()), 0))
        .collect(Collectors.toSet());
  }

  private boolean hadFields(ColumnSchema column) {
    List<String> fields = fields(column);
    return shapes.pastAndPossible(said.id().oid(), commit).stream()
        .anyMatch(shape -> fields.equals(shape.fields().get(shape.number(column.name()))));
  }

  /** {@return the names of the fields of a column of a composite type} */
  static List<String> fields(ColumnSchema column) {
    return column.type().fields().stream().map(PgType.Field::name).toList();
  }
}
