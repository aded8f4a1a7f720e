package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Small tables with their rows, as they were at the first position of one slot, which ends with its
 * connection. Thread-safe.
 */
public final class GroupCopy implements AutoCloseable {
  /**
   * A table and all of its rows.
   *
   * @param schema its published shape
   * @param rows its rows
   * @param wireBytes their bytes as Postgres sent them
   * @param bytes how many bytes they take here
   */
  public record Rows(TableSchema schema, List<TableRow> rows, long wireBytes, long bytes) {
    public Rows {
      rows = List.copyOf(rows);
    }
  }

  private final ReplicationConnection connection;
  private final String slotName;
  private final Lsn consistentPoint;
  private final List<TableId> order;
  private final Map<TableId, Rows> tables = new ConcurrentHashMap<>();
  private final List<TableId> alone;

  /**
   * Creates a copy.
   *
   * @param connection has made the slot, and can become its stream
   * @param consistentPoint the slot's first position
   * @param tables tables with all of their rows
   * @param alone tables that cannot be copied together with others
   */
  public GroupCopy(
      ReplicationConnection connection,
      String slotName,
      Lsn consistentPoint,
      Collection<Rows> tables,
      Collection<TableId> alone) {
    this.connection = connection;
    this.slotName = slotName;
    this.consistentPoint = consistentPoint;
    this.order = tables.stream().map(each -> each.schema().id()).toList();
    tables.forEach(each -> this.tables.put(each.schema().id(), each));
    this.alone = List.copyOf(alone);
  }

  /** {@return the connection that can become the stream of the slot} */
  public ReplicationConnection connection() {
    return connection;
  }

  public String slotName() {
    return slotName;
  }

  /**
   * {@return the slot's first position: what is committed from here on is in its stream, everything
   * else in the rows}
   */
  public Lsn consistentPoint() {
    return consistentPoint;
  }

  /** {@return how many tables were not taken yet} */
  public int size() {
    return tables.size();
  }

  /** {@return how many bytes the rows of these tables take} */
  public long bytes() {
    return tables.values().stream().mapToLong(Rows::bytes).sum();
  }

  /** {@return how many bytes the rows of each table take that was not taken yet} */
  public Map<TableId, Long> sizes() {
    return tables.values().stream()
        .collect(Collectors.toMap(rows -> rows.schema().id(), Rows::bytes));
  }

  /** {@return the tables that were not taken yet} */
  public List<TableId> tables() {
    return order.stream().filter(tables::containsKey).toList();
  }

  /** {@return the rows of a table, which are not kept here any longer; null if they were taken} */
  public @Nullable Rows take(TableId table) {
    return tables.remove(table);
  }

  /** {@return tables that cannot be copied together with others} */
  public List<TableId> alone() {
    return alone;
  }

  /** Ends the connection, and with it the slot. Idempotent. */
  @Override
  public void close() {
    connection.close();
  }
}
