package dev.pgetl.internal.capture.wire;

import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.platform.Ticker;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The TCP socket below one connection; its input is a {@link GatheringInput}. Thread-safe as far as
 * {@link Socket} is.
 */
public final class WireSocket extends Socket {
  /**
   * The receive buffer for much from a near server: soon full, so that rows gather behind a closed
   * window ({@link ReadPause}), and 50 MB/s at a millisecond all the same.
   */
  private static final int NEAR_BUFFER_BYTES = 96 << 10;

  /** A near server answers within this time. */
  private static final long NEAR_NANOS = 1_000_000;

  private final boolean gathers;

  /** A third of what systems allow before the first question. */
  private static final long MAX_KEEPALIVE_SECONDS = 10_000;

  private final GatheringInput input;

  /**
   * Creates a socket.
   *
   * @param readDelay how long bytes may gather; 0 for not at all
   * @param silence after how long without a sign of life the kernel gives the connection up
   */
  WireSocket(Ticker ticker, Duration readDelay, Duration silence) throws IOException {
    gathers = !readDelay.isZero();
    ReadPause pause = new ReadPause(readDelay.toNanos(), ticker.nanos());
    input = new GatheringInput(new SocketKernel(), ticker, pause);
    noticeSilence(Math.min(Math.max(1, silence.toSeconds() / 6), MAX_KEEPALIVE_SECONDS));
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

  /**
   * Prepares for much to come, before it begins to: a window that was offered once is not taken
   * back. Makes the receive buffer small if the server is near; a far one needs what the kernel
   * chooses.
   */
  void expectBulk() throws SocketException {
    long roundTrip = input.quickestAnswerNanos();
    boolean near = roundTrip <= NEAR_NANOS;
    if (gathers) {
      input.expectBulk(roundTrip, near && !getInetAddress().isLoopbackAddress());
      if (near) {
        setReceiveBufferSize(NEAR_BUFFER_BYTES);
      }
    }
  }

  GatheringInput input() {
    return input;
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new NotingOutput(super.getOutputStream());
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
      Doing before = Movement.begin(Doing.AWAITS_SOURCE);
      try {
        return kernelInput().read(into, offset, length);
      } finally {
        Movement.end(before);
      }
    }

    @Override
    public int available() throws IOException {
      return kernelInput().available();
    }

    @Override
    public void stayAway(long nanos) {
      LockSupport.parkNanos(nanos);
    }
  }

  /** Lets the input know when something was asked. */
  private final class NotingOutput extends FilterOutputStream {
    NotingOutput(OutputStream kernel) {
      super(kernel);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Doing before = Movement.begin(Doing.AWAITS_SOURCE);
      try {
        out.write(from, offset, length);
      } finally {
        Movement.end(before);
      }
      input.asked();
    }
  }
}
