package dev.pgetl.internal.copy.sample;

import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the rows of some blocks of a table. The planner's statistics may be old or missing, and
 * know nothing of conditions on rows.
 *
 * @param rows which are copied, of a table that holds rows itself, or of a partitioned one
 * @param partitioned whether its rows are in partitions
 * @param blocks how many there are
 */
public record RowSample(RowChoice rows, boolean partitioned, long blocks) {
  private static final Logger LOG = LoggerFactory.getLogger(RowSample.class);

  /** A smaller table (16 MiB) is copied too soon for its rows to matter. */
  private static final long LEAST_BLOCKS = 2_048;

  private static final long MOST_SAMPLED = 256;

  /** One block of so many is read. */
  private static final long BLOCKS_PER_SAMPLED = 64;

  /** So many show how many rows a block has, within some percent. */
  private static final long SAMPLED_PER_PART = 16;

  /** If so many of the blocks were seen that should have been, chance alone explains it. */
  private static final double ALL_HAVE_ROWS = 0.8;

  private static final String LIMIT = "SET LOCAL statement_timeout = 5000";
  private static final String BEGIN = "SAVEPOINT sample";
  private static final String END = "ROLLBACK TO SAVEPOINT sample";

  /** What a part of the blocks has shown. */
  private record Part(int number, double rows, double blocks) {
    static Part read(ResultSet row) throws SQLException {
      return new Part(row.getInt(1), row.getLong(2), row.getLong(3));
    }
  }

  /**
   * {@return how the rows lie; null if the table is small, or could not be sampled}
   *
   * @param connection in a transaction, which is left as it was
   * @throws SQLException if the connection is lost
   */
  public @Nullable RowSpread spread(Connection connection) throws SQLException {
    if (blocks < LEAST_BLOCKS) {
      return null;
    }
    Sql.run(connection, BEGIN);
    try {
      Sql.run(connection, LIMIT);
      return spread(Sql.list(connection, query(), Part::read));
    } catch (SQLException e) {
      if (SqlErrors.isConnectionLost(e)) {
        throw e;
      }
      LOG.info("the rows of table {} could not be sampled: {}", rows.table(), e.getSQLState());
      return null;
    } finally {
      Sql.run(connection, END);
    }
  }

  private long sampled() {
    return Math.min(MOST_SAMPLED, blocks / BLOCKS_PER_SAMPLED);
  }

  /** Partitions lie in no order. */
  private int parts() {
    return partitioned ? 1 : (int) (sampled() / SAMPLED_PER_PART);
  }

  /** A block without rows does not show. */
  private String query() {
    TableName table = rows.table();
    return String.format(
        Locale.ROOT,
        """
        SELECT part, count(*) FILTER (WHERE copied), count(DISTINCT block)
        FROM (SELECT block, copied, least(block[2] * %d / %d, %d) AS part
          FROM (SELECT ARRAY[tableoid::bigint, (ctid::text::point)[0]::bigint] AS block,
              %s AS copied
            FROM %s%s TABLESAMPLE SYSTEM (%.6f) REPEATABLE (1)) s) r
        GROUP BY part""",
        parts(),
        blocks,
        parts() - 1,
        rows.conditions().isEmpty() ? "true" : String.join(" AND ", rows.conditions()),
        (partitioned ? "" : "ONLY ") + table.quoted(),
        rows.alias(),
        100.0 * sampled() / blocks);
  }

  private RowSpread spread(List<Part> seen) {
    double sampledPerPart = (double) sampled() / parts();
    boolean allHaveRows = seen.stream().mapToDouble(Part::blocks).sum() > ALL_HAVE_ROWS * sampled();
    List<Double> rows = new ArrayList<>(Collections.nCopies(parts(), 0.0));
    for (Part part : seen) {
      double sampled = allHaveRows ? part.blocks() : sampledPerPart;
      rows.set(part.number(), part.rows() / sampled * blocks / parts());
    }
    return RowSpread.of(rows);
  }
}
