package dev.pgetl.internal.copy.key;

import dev.pgetl.config.ReadBy;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.value.order.KeyOrder;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Divides a table into ranges of its primary key that have about as many rows, by a sample of its
 * blocks. Stateless.
 *
 * <p>The sample also shows whether rows lie in the order of their keys. If they do not, to read
 * them by key costs many times what it costs to read the table from its beginning to its end.
 */
public final class KeyPlan {
  private static final Logger LOG = LoggerFactory.getLogger(KeyPlan.class);

  /** A smaller table (128 MiB) is copied again in seconds. */
  private static final long LEAST_BLOCKS = 16_384;

  /** A range has so many blocks, as long as there are not too many ranges. */
  private static final long BLOCKS_PER_RANGE = 16_384;

  /** What a store keeps of a copy is written twice for each range, as a whole. */
  private static final int MOST_RANGES = 512;

  private static final int RANGES_PER_CONNECTION = 8;

  private static final double LEAST_CORRELATION = 0.9;

  private static final long SAMPLED_BLOCKS = 256;

  /** So that ranges are about equally large. */
  private static final long SAMPLED_BLOCKS_PER_RANGE = 8;

  /**
   * What a sample shows.
   *
   * @param correlation how well the keys follow the blocks, up to 1; 0 if it is not known
   * @param keys the keys between the ranges
   */
  private record Sample(double correlation, List<String> keys) {
    static Sample read(ResultSet row) throws SQLException {
      double correlation = row.getDouble(1); // 0 for null
      Array keys = row.getArray(2);
      return new Sample(
          correlation, keys == null ? List.of() : List.of((String[]) keys.getArray()));
    }
  }

  private KeyPlan() {}

  /**
   * {@return the ranges by which a table is read, in the order of keys; empty if it is not read by
   * its key}
   *
   * @param connection sees the snapshot of the copy
   * @param table the table, one that holds rows itself
   * @param blocks its size
   * @param readBy what the user wants
   * @param connections how many read it
   */
  public static List<KeyRange> ranges(
      Connection connection, TableSchema table, long blocks, ReadBy readBy, int connections)
      throws SQLException {
    if (readBy == ReadBy.BLOCK || (readBy == ReadBy.AUTO && blocks < LEAST_BLOCKS)) {
      return List.of();
    }
    Optional<KeyColumn> column = KeyColumn.of(connection, table);
    if (column.isEmpty()) {
      LOG.info(
          "table {} is not copied by its key, so its copy cannot be resumed: the first column of"
              + " its primary key is not known, not sent, or has an order of its own",
          table.name());
      return List.of();
    }
    Sample sample = sample(connection, table.name(), column.get().name(), blocks, connections);
    if (readBy == ReadBy.AUTO && sample.correlation() < LEAST_CORRELATION) {
      LOG.info(
          "table {} is not copied by its key, so its copy cannot be resumed: its rows do not lie in"
              + " the order of their keys",
          table.name());
      return List.of();
    }
    List<KeyRange> ranges = between(column.get(), sample.keys());
    if (readBy == ReadBy.AUTO && ranges.size() <= connections) {
      LOG.info(
          "table {} is not copied by its key, so its copy cannot be resumed: the first column of"
              + " its primary key has too few values",
          table.name());
      return List.of();
    }
    return ranges;
  }

  /** {@return whether ranges of a column of a table can be read and compared} */
  public static boolean isKey(Connection connection, TableSchema table, String column)
      throws SQLException {
    return KeyColumn.of(connection, table).filter(key -> key.name().equals(column)).isPresent();
  }

  private static Sample sample(
      Connection connection, TableName table, String column, long blocks, int connections)
      throws SQLException {
    long wanted = Math.max((long) connections * RANGES_PER_CONNECTION, blocks / BLOCKS_PER_RANGE);
    int count = (int) Math.min(MOST_RANGES, wanted);
    String fractions =
        IntStream.range(1, count)
            .mapToObj(i -> String.format(Locale.ROOT, "%.6f", (double) i / count))
            .collect(Collectors.joining(",", "'{", "}'::float8[]"));
    long sampled = Math.max(SAMPLED_BLOCKS, SAMPLED_BLOCKS_PER_RANGE * count);
    double percent = Math.min(100, 100.0 * sampled / Math.max(1, blocks));
    String query =
        String.format(
            Locale.ROOT,
            """
            SELECT abs(corr(by_block, by_key)), (percentile_disc(%s) WITHIN GROUP (ORDER BY key))::text[]
            FROM (SELECT key, row_number() OVER (ORDER BY block) AS by_block, row_number() OVER (ORDER BY key) AS by_key
              FROM (SELECT %s AS key, ctid AS block FROM ONLY %s TABLESAMPLE SYSTEM (%.6f) REPEATABLE (1)) s) r""",
            fractions,
            TableName.quote(column),
            table.quoted(),
            percent);
    return Sql.first(connection, query, Sample::read).orElseThrow();
  }

  /** Equal keys lie in one range, also those of other texts. */
  private static List<KeyRange> between(KeyColumn column, List<String> keys) {
    List<KeyRange> ranges = new ArrayList<>();
    String from = null;
    for (String key : keys) {
      if (from == null || isGreater(column.order(), key, from)) {
        ranges.add(new KeyRange(column.name(), from, key));
        from = key;
      }
    }
    ranges.add(new KeyRange(column.name(), from, null));
    return ranges;
  }

  private static boolean isGreater(KeyOrder order, String key, String than) {
    return order.key(key).compareTo(order.key(than)) > 0;
  }

  /**
   * {@return the condition on rows of a range, as SQL; empty if it is all of them} A literal
   * without a type takes that of the column.
   */
  public static String condition(KeyRange range) {
    String column = TableName.quote(range.column());
    String from = compared(column, ">=", range.from());
    String to = compared(column, "<", range.to());
    return from.isEmpty() || to.isEmpty() ? from + to : from + " AND " + to;
  }

  private static String compared(String column, String how, @Nullable String key) {
    return key == null ? "" : column + " " + how + " " + Sql.literal(key);
  }
}
