package dev.pgetl.internal.capture;

import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A stream without data: a test decides what is found. Thread-safe. */
public final class FakeStream implements WalStream {
  static final int SERVER_PROCESS = 4711;

  private final ValueFormat format;
  private final Supplier<Input> input;
  private final AtomicLong confirmed = new AtomicLong();
  private volatile long walEnd;
  private volatile boolean binaryRefused;
  private volatile boolean closed;

  /** Creates a stream that finds what a function returns or throws. */
  public FakeStream(ValueFormat format, Supplier<Input> input) {
    this.format = format;
    this.input = input;
  }

  /** The next keepalive says so. */
  public void walEnd(Lsn position) {
    walEnd = position.value();
  }

  /** The server has no binary format for something. */
  public void refuseBinary() {
    binaryRefused = true;
  }

  public Lsn confirmed() {
    return new Lsn(confirmed.get());
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public int serverProcess() {
    return SERVER_PROCESS;
  }

  @Override
  public Input poll(long maxWaitNanos) {
    return input.get();
  }

  @Override
  public ValueFormat format() {
    return format;
  }

  @Override
  public boolean binaryRefused() {
    return binaryRefused;
  }

  @Override
  public byte[] bytes() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int offset() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int length() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long walEnd() {
    return walEnd;
  }

  @Override
  public long serverClockMicros() {
    return 0;
  }

  @Override
  public void maintain() {}

  @Override
  public void requestKeepalive() {}

  @Override
  public void confirm(Lsn durable) {
    long unused = confirmed.accumulateAndGet(durable.value(), Math::max);
  }

  @Override
  public void flushStatus() {}

  @Override
  public boolean serverIsStopping() {
    return false;
  }

  @Override
  public long silentNanos() {
    return 0;
  }

  @Override
  public void close() {
    closed = true;
  }
}
