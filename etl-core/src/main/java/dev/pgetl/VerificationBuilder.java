package dev.pgetl;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.internal.verify.Limits;
import dev.pgetl.schema.TableName;
import dev.pgetl.verify.VerifiableDestination;
import dev.pgetl.verify.VerificationProgress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Builds a {@link Verification}. Not thread-safe. */
public final class VerificationBuilder {
  private static final int LISTED_ROWS = 50_000;
  private static final int ROWS_PER_PART = 20_000;
  private static final long MOST_ROWS_PER_SECOND = 1_000_000_000L;

  final String pipelineId;
  final String publication;
  final PgConnectionConfig source;
  final VerifiableDestination destination;
  final Map<TableName, String> conditions = new HashMap<>();
  Consumer<VerificationProgress> progress = each -> {};
  Duration callTimeout = Duration.ofMinutes(10);
  long rowsPerSecond;
  @Nullable Pipeline pipeline;
  int rowsPerPart = ROWS_PER_PART;
  private Duration patience = Duration.ofSeconds(90);
  private int rounds = 20;
  private int mostRows = 100_000;

  VerificationBuilder(
      String pipelineId,
      String publication,
      PgConnectionConfig source,
      VerifiableDestination destination) {
    this.pipelineId = Objects.requireNonNull(pipelineId, "pipelineId");
    this.publication = Objects.requireNonNull(publication, "publication");
    this.source = Objects.requireNonNull(source, "source");
    this.destination = Objects.requireNonNull(destination, "destination");
  }

  /**
   * Sets how many rows are read in a second at most, each on both sides; default 0, without a
   * limit. Parts are small enough for the rate to hold within a second or two.
   *
   * @param value 0 to 1,000,000,000
   * @return this builder
   */
  public VerificationBuilder rowsPerSecond(long value) {
    if (value < 0 || value > MOST_ROWS_PER_SECOND) {
      throw new IllegalArgumentException("rowsPerSecond: 0 to 1,000,000,000, not " + value);
    }
    rowsPerSecond = value;
    rowsPerPart =
        value == 0 ? ROWS_PER_PART : (int) Math.max(500, Math.min(ROWS_PER_PART, value / 2));
    return this;
  }

  /**
   * Sets the pipeline that carries the tables, if it runs in this process: it is asked how far the
   * destination is. Otherwise the pipeline's slot is looked at. The slot of a stream without
   * changes moves about twice a minute only, so rows that differ are decided later.
   *
   * @param value the pipeline
   * @return this builder
   */
  public VerificationBuilder pipeline(Pipeline value) {
    pipeline = Objects.requireNonNull(value, "pipeline");
    return this;
  }

  /**
   * Sets a condition on the rows of a table that are compared, on both sides: that of {@link
   * dev.pgetl.config.TableCopyConfig}, for example. Default: all published rows.
   *
   * @param table its name in the source
   * @param condition a boolean expression in SQL over columns of the table, not qualified
   * @return this builder
   */
  public VerificationBuilder rows(TableName table, String condition) {
    conditions.put(
        Objects.requireNonNull(table, "table"), Objects.requireNonNull(condition, "condition"));
    return this;
  }

  /**
   * Sets how often keys that differ are read again before they are reported as undecided; default
   * 20. The time between grows by a tenth of a second from round to round.
   *
   * @param value at least 1
   * @return this builder
   */
  public VerificationBuilder rounds(int value) {
    rounds = positive("rounds", value);
    return this;
  }

  /**
   * Sets how long to wait for the pipeline to apply what the source has shown, and for a copy of
   * the table to end; default 90 seconds. Rows that differ are undecided otherwise.
   *
   * @param value not negative
   * @return this builder
   */
  public VerificationBuilder patience(Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException("patience: not negative, but " + value);
    }
    patience = value;
    return this;
  }

  /**
   * Sets how long the source may take for one query; default 10 minutes.
   *
   * @param value at least one second
   * @return this builder
   */
  public VerificationBuilder callTimeout(Duration value) {
    if (value.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("callTimeout: at least one second, not " + value);
    }
    callTimeout = value;
    return this;
  }

  /**
   * Sets after how many differing keys the comparison of a table ends; default 100,000.
   *
   * @param value at least 1
   * @return this builder
   */
  public VerificationBuilder mostDifferences(int value) {
    mostRows = positive("mostDifferences", value);
    return this;
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": at least 1, not " + value);
    }
    return value;
  }

  /**
   * Sets what receives the progress; default nothing. It is called on the thread that runs the
   * verification, after each part; what it throws ends the run.
   *
   * @param value the receiver
   * @return this builder
   */
  public VerificationBuilder progress(Consumer<VerificationProgress> value) {
    progress = Objects.requireNonNull(value, "progress");
    return this;
  }

  Limits limits() {
    return new Limits(rounds, patience, LISTED_ROWS, mostRows);
  }

  /** {@return the verification; nothing is connected yet} */
  public Verification build() {
    return new Verification(this);
  }
}
