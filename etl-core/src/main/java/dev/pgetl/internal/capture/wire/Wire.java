package dev.pgetl.internal.capture.wire;

import dev.pgetl.internal.connect.TlsLink;
import dev.pgetl.internal.platform.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What lies below one connection of the driver: its socket, and TLS on top of that.
 *
 * <p>The driver takes a socket factory only as a class name and a string. So a wire has a key,
 * under which the factories the driver makes find it again. Thread-safe.
 */
public final class Wire {
  private static final Map<String, Wire> BY_KEY = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_KEY = new AtomicLong();

  private final String key = Long.toString(LAST_KEY.incrementAndGet());
  private final Ticker ticker;
  private final Set<Wire> uncut;
  private final Duration readDelay;
  private final Duration silence;
  private final @Nullable TlsLink tls;
  private volatile boolean sealed;
  private volatile boolean cut;
  private volatile @Nullable WireSocket socket;
  private volatile @Nullable Socket tlsSocket;

  /**
   * Creates a wire, known under its key until it is {@link #cut}.
   *
   * @param uncut holds the wire until it is cut
   * @param readDelay how long bytes may gather
   * @param silence after how long without a sign of life the kernel gives the connection up
   * @param tls encrypts the connection; null if it is not to be encrypted
   */
  public Wire(
      Ticker ticker, Set<Wire> uncut, Duration readDelay, Duration silence, @Nullable TlsLink tls) {
    this.ticker = ticker;
    this.uncut = uncut;
    this.readDelay = readDelay;
    this.silence = silence;
    this.tls = tls;
    uncut.add(this);
    BY_KEY.put(key, this);
  }

  static Wire ofKey(String key) {
    return Objects.requireNonNull(BY_KEY.get(key), "no wire of that key");
  }

  public String key() {
    return key;
  }

  /**
   * Called by the driver for each attempt to connect, and later for the connections on which it
   * cancels a statement.
   *
   * @throws IOException if the wire was cut before the driver had connected
   */
  WireSocket newSocket() throws IOException {
    WireSocket created = new WireSocket(ticker, readDelay, silence);
    if (!sealed) {
      socket = created;
      if (cut) { // asked after the socket can be seen, so that either side closes it
        created.close();
        throw new SocketException("the connection was cut while it was opened");
      }
    }
    return created;
  }

  /** Says that the driver has connected: the last socket it asked for is the one it uses. */
  public void seal() {
    tlsSocket = tls == null ? null : tls.socket();
    sealed = true;
    input().forgetAnswers(); // of the handshakes, in which either side may speak first
  }

  /** Prepares the socket for much to come. */
  public void expectBulk() throws IOException {
    usedSocket().expectBulk();
  }

  public GatheringInput input() {
    return usedSocket().input();
  }

  /**
   * {@return where bytes for the server go} Whoever writes here must know that the driver does not,
   * meanwhile.
   */
  public OutputStream output() throws IOException {
    Socket encrypted = tlsSocket;
    return encrypted == null ? usedSocket().getOutputStream() : encrypted.getOutputStream();
  }

  /** {@return for how long the server has owed an answer; 0 if it owes none} */
  public long unansweredNanos() {
    WireSocket open = socket;
    return open == null ? 0 : open.input().unansweredNanos();
  }

  private WireSocket usedSocket() {
    return Objects.requireNonNull(socket, "not connected");
  }

  /**
   * Closes the socket, or the one the driver is about to ask for; below TLS: closing the encrypted
   * one would wait for the thread that reads from it. Idempotent; wakes a reader.
   */
  public void cut() {
    uncut.remove(this);
    BY_KEY.remove(key);
    if (tls != null) {
      tls.close();
    }
    cut = true;
    WireSocket open = socket;
    if (open != null) {
      try {
        open.close();
      } catch (IOException ignored) {
        // It is of no use any more either way.
      }
    }
  }
}
