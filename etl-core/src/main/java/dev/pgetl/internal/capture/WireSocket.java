package dev.pgetl.internal.capture;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.LongSupplier;

/**
 * The TCP socket below one connection; its input is a {@link GatheringInput}. Thread-safe as far as
 * {@link Socket} is.
 */
final class WireSocket extends Socket {
  /**
   * The receive buffer of a stream from a near server: soon full, so that rows gather behind a
   * closed window ({@link ReadPause}), and 100 MB/s at half a millisecond all the same.
   */
  private static final int NEAR_BUFFER_BYTES = 96 << 10;

  /** How long a near server takes at most to accept a connection, one round trip. */
  private static final long NEAR_NANOS = 500_000;

  private final LongSupplier ticker;
  private final LongAccumulator quickestConnect;
  private final GatheringInput input;

  /**
   * Creates a socket.
   *
   * @param quickestConnect the shortest time an attempt to connect took, in nanoseconds
   * @param readDelay how long bytes may gather; 0 if the connection is not for a stream
   * @param silence after how long without a sign of life the kernel gives the connection up
   */
  WireSocket(
      LongSupplier ticker, LongAccumulator quickestConnect, Duration readDelay, Duration silence)
      throws IOException {
    this.ticker = ticker;
    this.quickestConnect = quickestConnect;
    ReadPause pause = new ReadPause(readDelay.toNanos(), ticker.getAsLong());
    input = new GatheringInput(new SocketKernel(), ticker, pause);
    if (!readDelay.isZero() && quickestConnect.get() <= NEAR_NANOS) {
      setReceiveBufferSize(NEAR_BUFFER_BYTES);
    }
    noticeSilence(Math.max(1, silence.toSeconds() / 6));
  }

  /**
   * The kernel asks after a while of silence, and gives up after as long again; only some systems
   * let that be set.
   */
  private void noticeSilence(long seconds) throws IOException {
    setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    for (SocketOption<?> option : supportedOptions()) {
      switch (option.name()) {
        case "TCP_KEEPIDLE" -> setIntOption(option, (int) seconds * 3);
        case "TCP_KEEPINTERVAL" -> setIntOption(option, (int) seconds);
        case "TCP_KEEPCOUNT" -> setIntOption(option, 3);
        default -> {}
      }
    }
  }

  @SuppressWarnings("unchecked")
  private void setIntOption(SocketOption<?> option, int value) throws IOException {
    if (option.type() == Integer.class) {
      setOption((SocketOption<Integer>) option, value);
    }
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    long begin = ticker.getAsLong();
    super.connect(endpoint, timeout);
    quickestConnect.accumulate(ticker.getAsLong() - begin);
  }

  GatheringInput input() {
    return input;
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  /** Kept for the input, which knows better when to ask the kernel. The driver sets it often. */
  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized")
  public void setSoTimeout(int timeout) {
    input.timeoutMillis(timeout);
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized")
  public int getSoTimeout() {
    return input.timeoutMillis();
  }

  private void kernelTimeout(int millis) throws SocketException {
    super.setSoTimeout(millis);
  }

  private InputStream kernelInput() throws IOException {
    return super.getInputStream();
  }

  private final class SocketKernel implements GatheringInput.Kernel {
    private int timeoutMillis;

    @Override
    public int read(byte[] into, int offset, int length, int waitMillis) throws IOException {
      if (waitMillis != timeoutMillis) {
        kernelTimeout(waitMillis);
        timeoutMillis = waitMillis;
      }
      return kernelInput().read(into, offset, length);
    }

    @Override
    public int available() throws IOException {
      return kernelInput().available();
    }
  }
}
