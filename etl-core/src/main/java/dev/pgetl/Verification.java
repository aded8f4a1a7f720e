package dev.pgetl;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.verify.Applied;
import dev.pgetl.internal.verify.Pace;
import dev.pgetl.internal.verify.TableComparison;
import dev.pgetl.internal.verify.source.PublishedRows;
import dev.pgetl.internal.verify.source.VerifiedSource;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.VerifiableDestination;
import dev.pgetl.verify.VerifiedShape;
import dev.pgetl.verify.VerifiedTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares tables of a destination with the source while the pipeline streams. Row hashes are
 * compared on both servers; rows stay where they are.
 *
 * <pre>{@code
 * try (Verification verification =
 *     Verification.builder("orders", "pub", source, destination).rowsPerSecond(50_000).build()) {
 *   for (TableReport report : verification.run()) {
 *     LOG.info("{}", report);
 *   }
 * }
 * }</pre>
 *
 * <p>It takes no locks beyond those of a {@code SELECT}, and each query has a snapshot of its own,
 * so vacuum is not held back for longer than one query. It writes nothing. The pipeline may run in
 * another process, restart, or be stopped: then differing rows stay undecided.
 *
 * <p>A row differs only if that is proven: the destination had applied what the source showed, and
 * nothing changed in between. Rows that change each time they are read are reported as undecided.
 * For what it proves, and what it costs, see {@code docs/verification.md}.
 *
 * <p><b>Threads.</b> One thread runs it; {@link #close} may be called from any, and ends the run
 * with an {@link InterruptedException} or an {@link EtlException}.
 *
 * <p><b>Failures.</b> {@link EtlException} of the kinds of source and destination. Run it again: it
 * keeps nothing.
 */
public final class Verification implements AutoCloseable {
  /** Each range is a copy with a slot of its own. */
  private static final int MOST_RANGES = 32;

  private final VerificationBuilder options;
  private final Pace pace;
  private final Platform platform = Platform.jvm();
  private volatile @Nullable VerifiedSource source;
  private volatile @Nullable VerifiedTable target;
  private volatile boolean closed;

  Verification(VerificationBuilder options) {
    this.options = options;
    this.pace = new Pace(platform, options.rowsPerSecond);
  }

  /**
   * {@return a builder}
   *
   * @param pipelineId the id of the pipeline that carries the tables
   * @param publication its publication
   * @param source how to reach the source
   * @param destination the destination
   */
  public static VerificationBuilder builder(
      String pipelineId,
      String publication,
      PgConnectionConfig source,
      VerifiableDestination destination) {
    return new VerificationBuilder(pipelineId, publication, source, destination);
  }

  /**
   * Compares all published tables, one after the other.
   *
   * @return a report for each
   * @throws EtlException if source or destination cannot be read
   * @throws InterruptedException if the thread was interrupted, or this was closed
   */
  public List<TableReport> run() throws InterruptedException {
    return connected(
        from -> {
          List<TableReport> reports = new ArrayList<>();
          for (PublishedTable table : from.tables()) {
            reports.add(compare(from, table));
          }
          return reports;
        });
  }

  /** What is asked of the source. */
  private interface Question<T> {
    T ask(VerifiedSource from) throws InterruptedException;
  }

  /** After a failure the next run connects again. */
  private <T> T connected(Question<T> question) throws InterruptedException {
    boolean answered = false;
    try {
      T answer = question.ask(source());
      answered = true;
      return answer;
    } finally {
      VerifiedSource from = source;
      if (!answered && from != null) {
        from.close();
        source = null;
      }
    }
  }

  /**
   * Compares one table.
   *
   * @param name its name in the source
   * @return the report
   * @throws EtlException if source or destination cannot be read; of kind {@code CONFIGURATION} if
   *     the table is not published
   * @throws InterruptedException if the thread was interrupted, or this was closed
   */
  public TableReport run(TableName name) throws InterruptedException {
    return connected(from -> compare(from, published(from, name)));
  }

  private PublishedTable published(VerifiedSource from, TableName name) {
    return from.tables().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new EtlException(
                    ErrorKind.CONFIGURATION,
                    "table %s is not in publication %s".formatted(name, options.publication)));
  }

  private TableReport compare(VerifiedSource from, PublishedTable table)
      throws InterruptedException {
    VerifiedShape shape = from.shape(table, options.conditions.getOrDefault(table.name(), ""));
    try (VerifiedTable opened = options.destination.open(shape)) {
      target = opened;
      requireOpen();
      PublishedRows rows = from.rows(table, shape, opened.types());
      return new TableComparison(
              shape.version(),
              rows,
              opened,
              applied(table.id(), rows),
              options.limits(),
              pace,
              options.progress)
          .run(rows.parts(opened, options.rowsPerPart));
    } finally {
      target = null;
    }
  }

  private Applied applied(TableId table, PublishedRows rows) {
    Pipeline pipeline = options.pipeline;
    return pipeline == null
        ? (position, limit) -> pace.until(() -> !rows.applied().isBefore(position), limit)
        : (position, limit) -> pipeline.awaitApplied(position, limit, Set.of(table));
  }

  private VerifiedSource source() throws InterruptedException {
    requireOpen();
    VerifiedSource known = source;
    if (known == null) {
      known =
          VerifiedSource.open(
              options.source,
              options.pipelineId,
              options.publication,
              options.callTimeout,
              platform);
      source = known;
      requireOpen();
    }
    return known;
  }

  private void requireOpen() throws InterruptedException {
    if (closed) {
      closeAll();
      throw new InterruptedException("the verification was closed");
    }
  }

  /**
   * Copies what differs again, and waits until it is copied: the ranges of a report one after the
   * other, or the whole table if it has to be, or if there are more than 32 ranges. Rows outside of
   * them stay. Verify the table again afterwards.
   *
   * @param pipeline carries the table, in this process
   * @param report what differs
   * @param limit how long to wait for each copy
   * @return whether all copies were completed in time
   * @throws EtlException why the pipeline has failed, if it has
   * @throws IllegalArgumentException if the pipeline does not carry the table
   * @throws IllegalStateException if the pipeline does not run
   * @throws InterruptedException if the thread was interrupted
   */
  public static boolean repair(Pipeline pipeline, TableReport report, Duration limit)
      throws InterruptedException {
    if (report.differences().isEmpty()) {
      return true;
    }
    List<KeyRange> ranges = report.ranges();
    if (report.needsWholeCopy() || ranges.size() > MOST_RANGES) {
      pipeline.resync(report.table().id());
      return pipeline.awaitReady(limit);
    }
    for (KeyRange range : ranges) {
      pipeline.resync(report.table().id(), range);
      if (!pipeline.awaitReady(limit)) {
        return false;
      }
    }
    return true;
  }

  /** Closes the connections, and ends a run. Idempotent. */
  @Override
  public void close() {
    closed = true;
    pace.end();
    closeAll();
  }

  private void closeAll() {
    VerifiedSource from = source;
    if (from != null) {
      from.close();
    }
    VerifiedTable to = target;
    if (to != null) {
      to.close();
    }
  }
}
