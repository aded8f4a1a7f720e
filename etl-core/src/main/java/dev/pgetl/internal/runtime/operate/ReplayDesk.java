package dev.pgetl.internal.runtime.operate;

import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.deliver.Wrapped;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runtime.order.TableOrder.ByName;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.quarantine.ReplayResult;
import dev.pgetl.quarantine.ReplayTurns;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where replays of quarantined events wait until the apply worker's delivery thread carries them
 * out, between two calls of the destination. Thread-safe.
 */
public final class ReplayDesk implements ReplayTurns {
  private static final long TURN_NANOS = Duration.ofSeconds(1).toNanos();

  private final TableFinder finder;
  private final Source source;
  private final PipelineStore store;
  private final Platform platform;
  private final CallGate calls;
  private final @Nullable QuarantiningDestination destination;
  private final AtomicReference<@Nullable Request> pending = new AtomicReference<>();
  private volatile boolean due;
  private volatile boolean ended;
  private volatile @Nullable ApplyProgress apply;
  private volatile Runnable wake = () -> {};

  /** What is asked for, and what has become of it. */
  private static final class Request {
    private final Table table;
    private final @Nullable TableSchema stored;
    private final Lsn passed;
    private final Replay replay;
    private final Latch done;
    private volatile @Nullable ReplayResult result;
    private volatile @Nullable RuntimeException failure;

    Request(
        Table table, @Nullable TableSchema stored, Lsn passed, Replay replay, Platform platform) {
      this.table = table;
      this.stored = stored;
      this.passed = passed;
      this.replay = replay;
      this.done = new Latch(platform);
    }
  }

  /**
   * Creates a desk.
   *
   * @param tables all tables
   * @param calls all calls of the destination
   */
  public ReplayDesk(PipelineContext context, Tables tables, CallGate calls) {
    this.finder = new TableFinder(context, tables);
    this.source = context.source();
    this.store = context.store();
    this.platform = context.platform();
    this.calls = calls;
    this.destination = Wrapped.find(context.destination(), QuarantiningDestination.class);
  }

  /**
   * The apply worker begins.
   *
   * @param progress its position
   * @param waking makes its delivery thread look for what is asked
   */
  public void begin(ApplyProgress progress, Runnable waking) {
    apply = progress;
    wake = waking;
    if (destination != null) {
      destination.attach(this);
    }
  }

  /** No replay gets its turn any more. */
  public void end() {
    ended = true;
    if (destination != null) {
      destination.attach(null);
    }
    Request left = pending.getAndSet(null);
    if (left != null) {
      fail(left, new IllegalStateException("the pipeline ends before the replay had its turn"));
    }
  }

  // ---- for those who ask ----

  @Override
  public ReplayResult replay(TableName name, Duration limit, Replay replay)
      throws InterruptedException {
    long until = platform.nanos() + Ticker.nanos(limit);
    if (calls.pausedSince() != null) {
      throw new IllegalStateException(
          "replay of table " + name + " failed: the pipeline is paused");
    }
    Table table = finder.find(new ByName(name));
    requireReady(table);
    TableSchema stored = stored(table);
    WalEnd end = source.endOfWal();
    ApplyProgress stream = apply;
    if (stream == null || !stream.awaitPassed(end, until - platform.nanos())) {
      throw new IllegalStateException(
          "replay of table "
              + name
              + " had no turn: position "
              + end.position()
              + " was not reached");
    }
    return carriedOut(new Request(table, stored, end.position(), replay, platform), until);
  }

  /**
   * {@return the stored version of a table if this process has had no answer about one} Read by the
   * caller's thread: a store that hangs must not stop the stream. And before the end of the log is
   * asked for: a version that is stored by then and newer is answered when that is passed.
   */
  private @Nullable TableSchema stored(Table table) {
    return table.notes().answered() == null ? store.getTableSchema(table.id()).orElse(null) : null;
  }

  private ReplayResult carriedOut(Request request, long until) throws InterruptedException {
    if (!pending.compareAndSet(null, request)) {
      throw new IllegalStateException("another replay is in progress");
    }
    try {
      due = true;
      wake.run();
      if (!awaitTurn(request, until)) {
        throw new IllegalStateException(
            "replay of table " + request.table.name() + " had no turn, or has not ended yet");
      }
    } finally {
      boolean unused = pending.compareAndSet(request, null);
    }
    RuntimeException failure = request.failure;
    if (failure != null) {
      throw failure;
    }
    ReplayResult result = request.result;
    return result == null ? new ReplayResult(0, 0) : result;
  }

  /** Asks again from time to time: the pipeline may have been paused and resumed meanwhile. */
  private boolean awaitTurn(Request request, long until) throws InterruptedException {
    while (!ended) {
      long left = until - platform.nanos();
      if (request.done.await(Math.min(left, TURN_NANOS))) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
      wake.run();
    }
    return request.done.await(0);
  }

  private static void requireReady(Table table) {
    if (!(table.phase() instanceof Ready) || table.isRefused()) {
      throw new IllegalStateException(
          "replay of table " + table.name() + " failed: the table is not Ready");
    }
  }

  // ---- for the delivery thread ----

  /** {@return whether a replay is to be carried out now} */
  public boolean isAsked() {
    return due && calls.pausedSince() == null;
  }

  /** A batch was delivered: what had to wait for its end may be possible now. */
  public void delivered() {
    if (pending.get() != null) {
      due = true;
    }
  }

  /** Carries out what is asked, or has it wait for the end of the next batch. */
  @SuppressWarnings("IllegalCatch") // the caller's thread reports it, of whatever class it is
  public void answer() {
    due = false;
    Request request = pending.get();
    if (request == null) {
      return;
    }
    try {
      requireReady(request.table);
      ReplayResult result =
          request.replay.replay(
              version(request), request.passed, () -> requireReady(request.table));
      if (result != null) {
        request.result = result;
        request.done.open();
      }
    } catch (IllegalStateException e) {
      fail(request, e);
    } catch (RuntimeException | Error e) {
      fail(request, DestinationCall.failed("replaying table " + request.table.name(), e));
    }
  }

  /** The version that was answered; after a restart none was, and the stored one is. */
  private static TableSchema version(Request request) {
    TableSchema answered = request.table.notes().answered();
    TableSchema version = answered == null ? request.stored : answered;
    if (version == null) {
      throw new IllegalStateException("table " + request.table.name() + " is unknown");
    }
    return version;
  }

  private static void fail(Request request, RuntimeException failure) {
    request.failure = failure;
    request.done.open();
  }
}
