package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.table.SourceColumn;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the destination remembers of a table. Immutable.
 *
 * @param id the table of the source
 * @param target the table of the destination that readers find
 * @param last the key of the last event
 * @param columns the columns of the source that the table fits; empty if they are not known
 * @param copied how many calls have brought rows of copies, or removed all rows
 * @param aside the copy that is kept aside; null if there is none
 * @param replaced the version of the last copy that has replaced the rows; null if there is none
 */
public record TableState(
    TableId id,
    TableName target,
    EventSequence last,
    List<SourceColumn> columns,
    long copied,
    @Nullable Aside aside,
    @Nullable Lsn replaced) {

  /**
   * A copy that is kept aside.
   *
   * @param table where, in the schema of the table that it replaces
   * @param version its version
   */
  public record Aside(TableName table, Lsn version) {}

  public TableState {
    columns = List.copyOf(columns);
  }

  /** {@return the table that rows of a version are written to} */
  public TableName written(TableSchema version) {
    return isAside(version) && aside != null ? aside.table() : target;
  }

  /** {@return whether rows of a version are kept aside} */
  public boolean isAside(TableSchema version) {
    return aside != null && aside.version().equals(version.snapshotLsn());
  }

  /** {@return the same with another key} */
  public TableState at(EventSequence key) {
    return new TableState(id, target, key, columns, copied, aside, replaced);
  }

  /** {@return the same; the table fits other columns} */
  public TableState fitting(List<SourceColumn> others) {
    return new TableState(id, target, last, others, copied, aside, replaced);
  }

  /** {@return the same under another name} */
  public TableState named(TableName name) {
    return new TableState(id, name, last, columns, copied, aside, replaced);
  }

  /** {@return the same after another call with rows} */
  public TableState copiedOnce() {
    return new TableState(id, target, last, columns, copied + 1, aside, replaced);
  }

  /** {@return the same with a copy that is kept aside} */
  public TableState keeping(@Nullable Aside other) {
    return new TableState(id, target, last, columns, copied, other, replaced);
  }

  /** {@return the same without rows} */
  public TableState emptied() {
    return new TableState(id, target, EventSequence.NONE, columns, copied + 1, null, null);
  }

  /** {@return the same after the rows were replaced} */
  public TableState replacedBy(Lsn version) {
    return new TableState(id, target, EventSequence.NONE, columns, copied + 1, null, version);
  }
}
