package dev.pgetl.internal.runtime.rows;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.schema.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The destination's end of one table's copy: makes each call until it succeeds, or until the copy
 * is stopped. A copy that has written nothing yet makes room for others that wait, once a retry has
 * failed, too. Owned by the table's worker, except {@link #stop}.
 */
public final class CopyDelivery implements Attempts.Between {
  /** How long a changed pace may go unnoticed, or that the writing has failed. */
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(200).toNanos();

  private final Destination destination;
  private final Trouble trouble;
  private final BooleanSupplier othersWait;
  private final Platform platform;
  private final Attempts attempts;
  private final Latch stop;
  private boolean written;

  /**
   * Creates the end of a table's copy.
   *
   * @param owned has to succeed before each call
   * @param gate holds calls back while the pipeline is paused
   * @param othersWait whether other tables wait for the worker
   */
  public CopyDelivery(
      Destination destination,
      Trouble trouble,
      Backoff backoff,
      Attempts.Action owned,
      CallGate gate,
      BooleanSupplier othersWait,
      Platform platform) {
    this.destination = destination;
    this.trouble = trouble;
    this.othersWait = othersWait;
    this.platform = platform;
    this.stop = new Latch(platform);
    this.attempts =
        new Attempts(backoff, new MakingRoom())
            .eachIn(
                gate.turn(
                    () -> {
                      throwIfStopped("the destination was to be called");
                      owned.make();
                    },
                    this::isStopped));
  }

  /** Empties the table. */
  public void truncate(@Nullable TableSchema last, TableSchema next) throws InterruptedException {
    String what = named("truncating table " + next.name() + " in");
    attempts.run(DestinationCall.of(what, () -> destination.truncateTable(last, next)));
    throwIfStopped(what);
  }

  /** {@return whether the destination keeps aside the rows that follow} */
  public boolean replace(@Nullable TableSchema last, TableSchema next) throws InterruptedException {
    return ask(
        named("beginning to replace table " + next.name() + " in"),
        () -> destination.beginReplacement(last, next));
  }

  /** {@return whether the destination has kept aside what a copy had written} */
  public boolean continueReplacement(TableSchema next) throws InterruptedException {
    return ask(
        named("continuing to replace table " + next.name() + " in"),
        () -> destination.continueReplacement(next));
  }

  /** {@return what the destination did with some rows} */
  public WriteResult write(TableSchema table, List<TableRow> rows) throws InterruptedException {
    String what = named("writing " + rows.size() + " rows of table " + table.name() + " to");
    WriteResult result =
        attempts.make(
            DestinationCall.answering(what, () -> destination.writeTableRows(table, rows)));
    written = true;
    throwIfStopped(what);
    return result;
  }

  /** {@return whether the destination has removed the rows of a range} */
  public boolean remove(TableSchema table, KeyRange range) throws InterruptedException {
    return ask(
        named("removing a range of table " + table.name() + " from"),
        () -> destination.removeRange(table, range));
  }

  private boolean ask(String what, Supplier<Boolean> question) throws InterruptedException {
    boolean answer = attempts.make(DestinationCall.answering(what, question));
    throwIfStopped(what);
    return answer;
  }

  /** Has the destination make durable what it has accepted. */
  public void flush() throws InterruptedException {
    String what = named("flushing");
    attempts.run(DestinationCall.of(what, destination::flush));
    throwIfStopped(what);
  }

  /** Says that all rows are there. */
  public void copied(TableSchema table) throws InterruptedException {
    String what = named("completing the copy of table " + table.name() + " in");
    attempts.run(DestinationCall.of(what, () -> destination.tableCopied(table)));
    throwIfStopped(what);
  }

  private String named(String doing) {
    return doing + " destination " + destination.name();
  }

  /**
   * A call that comes back after the copy was stopped has no consequences: another worker may be at
   * the table by then, or another pipeline.
   */
  private void throwIfStopped(String what) throws InterruptedException {
    if (isStopped()) {
      throw new InterruptedException("stopped while " + what);
    }
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    if (!isStopped()) {
      trouble.retrying(failure, attempt, delay);
    }
  }

  @Override
  public void recovered() {
    trouble.over();
  }

  /**
   * Waits until copies may read on, or until the copy is stopped or has failed.
   *
   * @param bytes how many were read since the last call
   * @param failed whether the copy has failed, so that it reads no more
   */
  void keep(CopyPace pace, long bytes, BooleanSupplier failed) throws InterruptedException {
    long nanos = pace.take(bytes);
    while (nanos > 0 && !failed.getAsBoolean() && await(Math.min(nanos, LONGEST_PAUSE_NANOS))) {
      nanos = pace.take(0);
    }
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    return !stop.await(nanos);
  }

  /** Between the attempts of a call: others may need the worker, and nothing is lost yet. */
  private final class MakingRoom implements Attempts.Between {
    private int failures;

    @Override
    public void retrying(EtlException failure, int attempt, Duration delay) {
      failures = attempt;
      CopyDelivery.this.retrying(failure, attempt, delay);
    }

    @Override
    public void recovered() {
      CopyDelivery.this.recovered();
    }

    @Override
    public boolean await(long nanos) throws InterruptedException {
      long until = platform.nanos() + nanos;
      for (long left = nanos; left > 0; left = until - platform.nanos()) {
        boolean yields = failures > 1 && !written && othersWait.getAsBoolean();
        if (yields || !CopyDelivery.this.await(Math.min(left, LONGEST_PAUSE_NANOS))) {
          return false;
        }
      }
      return true;
    }
  }

  /** Ends the waiting between two attempts; for any thread. */
  public void stop() {
    stop.open();
  }

  /** {@return whether the copy was stopped} */
  public boolean isStopped() {
    return stop.isOpen();
  }
}
