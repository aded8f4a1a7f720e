package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks after a stream while its reader waits for something else: keeps the server informed, and
 * notices when it wants to shut down. Owned by the reader's thread.
 */
public final class IdleUpkeep {
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private final Source source;
  private final WalStream wal;
  private final Consumer<Lsn> serverAt;
  private final Ticker ticker;
  private long probeAt;

  /**
   * Begins to look after a stream.
   *
   * @param serverAt receives how far the server's WAL is
   */
  public IdleUpkeep(Source source, WalStream wal, Consumer<Lsn> serverAt, Ticker ticker) {
    this.source = source;
    this.wal = wal;
    this.serverAt = serverAt;
    this.ticker = ticker;
    this.probeAt = ticker.nanos() + PROBE_NANOS;
  }

  /**
   * Does what is due; call it about ten times a second.
   *
   * @throws EtlException if the stream has broken, or the server is being shut down
   */
  public void maintain() {
    wal.maintain();
    if (ticker.nanos() - probeAt > 0) {
      serverAt.accept(source.probe());
      probeAt = ticker.nanos() + PROBE_NANOS;
    }
  }
}
