package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A time during which a stream is not read, because its reader waits for somebody else: the server
 * is kept informed, and let go if it wants to shut down. Owned by the reader's thread.
 */
final class StreamPause {
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Source source;
  private final WalStream wal;
  private final Consumer<Lsn> serverAt;
  private final LongSupplier nanoTime;
  private long probeAt;

  /** A pause that begins now; who wants to know how far the server is meanwhile, is told. */
  StreamPause(Services services, WalStream wal, Consumer<Lsn> serverAt) {
    this.source = services.source();
    this.wal = wal;
    this.serverAt = serverAt;
    this.nanoTime = services.platform()::nanos;
    this.probeAt = nanoTime.getAsLong() + PROBE_NANOS;
  }

  /**
   * Does what is due; to be called about ten times a second.
   *
   * @throws EtlException if the stream has broken, or the server is being shut down
   */
  void maintain() {
    wal.maintain();
    if (nanoTime.getAsLong() - probeAt > 0) {
      serverAt.accept(source.probe());
      probeAt = nanoTime.getAsLong() + PROBE_NANOS;
    }
  }
}
