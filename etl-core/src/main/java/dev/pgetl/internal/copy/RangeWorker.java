package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.capture.catalog.NameCheck;
import dev.pgetl.internal.capture.condition.ConditionCheck;
import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.postgresql.copy.CopyOut;

/** Reads one range of a table after the other over its own connection, until none is left. */
final class RangeWorker implements TableCopy.Worker {
  private final Session session;
  private final TableSchema table;
  private final List<String> columns;
  private final RowChoice rows;
  private final Queue<CopyRange> ranges;
  private final ValueFormat format;
  private final RowReader reader;
  private final NameCheck names;

  RangeWorker(
      Session session,
      TableSchema table,
      RowChoice rows,
      Queue<CopyRange> ranges,
      ValueFormat format) {
    this.session = session;
    this.table = table;
    this.columns = table.columns().stream().map(ColumnSchema::name).toList();
    this.rows = rows;
    this.ranges = ranges;
    this.format = format;
    this.names = new NameCheck(session, table.id(), table.name());
    this.reader =
        format == ValueFormat.BINARY ? new BinaryRowReader(table) : new CopyRowReader(table);
  }

  @Override
  public void run(TableCopy.Sink sink) throws InterruptedException {
    boolean done = false;
    try {
      session.expectBulk();
      CopyRange range = ranges.poll();
      while (range != null) {
        copy(range, sink);
        range = ranges.poll();
      }
      requireNoOther();
      done = true;
    } catch (SQLException e) {
      throw SqlErrors.failure("copy table " + table.name(), e).withTable(table.id().oid());
    } catch (OutOfMemoryError e) {
      throw SqlErrors.tooLarge("copy table " + table.name(), e).withTable(table.id().oid());
    } finally {
      if (!done) {
        session.abort();
      }
    }
  }

  /** A function in a condition may read another table, each time again. */
  private void requireNoOther() throws SQLException {
    if (rows.condition().isEmpty()) {
      names.requireNoOther();
      return;
    }
    session.expectAnswers();
    Optional<String> other = NameCheck.otherThan(session.jdbc(), List.of(table.id()));
    if (other.isPresent()) {
      throw ConditionCheck.reads(table.id(), table.name(), other.get());
    }
  }

  private void copy(CopyRange range, TableCopy.Sink sink)
      throws SQLException, InterruptedException {
    CopyRange.Relation relation = range.relation();
    names.require(relation.id(), relation.name());
    boolean byKey = range.number() != CopyRange.BY_BLOCK;
    if (byKey) {
      sink.begin(range.number());
    }
    try {
      read(range, sink);
    } catch (SQLException e) {
      throw names.explain(relation.id(), relation.name(), e);
    }
    names.require(relation.id(), relation.name());
    if (byKey) {
      sink.end();
    }
  }

  private void read(CopyRange range, TableCopy.Sink sink)
      throws SQLException, InterruptedException {
    CopyOut out = session.copy().copyOut(range.copyCommand(columns, rows, format));
    session.waitForEver();
    byte[] message = out.readFromCopy();
    while (message != null) {
      TableRow row = reader.read(message);
      if (row != null) {
        sink.accept(row, message.length);
      }
      message = out.readFromCopy();
    }
    reader.end();
  }
}
