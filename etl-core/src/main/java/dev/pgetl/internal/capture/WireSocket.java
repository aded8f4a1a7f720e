package dev.pgetl.internal.capture;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The TCP socket below one connection; its input is a {@link GatheringInput}. Thread-safe as far as
 * {@link Socket} is.
 */
final class WireSocket extends Socket {
  /** More than the server sends during the longest pause of the reader. */
  private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

  private final GatheringInput input;

  WireSocket(LongSupplier ticker, Duration readDelay, Duration silence) throws IOException {
    input = new GatheringInput(new SocketKernel(), ticker, readDelay.toNanos());
    setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
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
