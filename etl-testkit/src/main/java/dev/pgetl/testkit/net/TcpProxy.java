package dev.pgetl.testkit.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A proxy between a client and a server on loopback that cuts, stalls, delays or swallows traffic.
 *
 * <p>The faults are set for all connections, present and future, until {@link #heal()}. It
 * understands enough of Postgres to swallow a client's standby status messages; any other protocol
 * passes as bytes.
 *
 * <p>Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(5);

  private volatile InetSocketAddress target;
  private final ServerSocket listener;
  private final Thread acceptor;
  private final Faults faults = new Faults();
  private final Set<ProxiedConnection> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();

  private TcpProxy(InetSocketAddress target, ServerSocket listener) {
    this.target = target;
    this.listener = listener;
    this.acceptor = new Thread(this::accept, "pgetl-proxy-" + listener.getLocalPort());
    acceptor.setDaemon(true);
  }

  /**
   * {@return a proxy that listens on a free port of loopback and passes everything on}
   *
   * @param host the server's host
   * @param port the server's port
   */
  public static TcpProxy to(String host, int port) {
    try {
      ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      TcpProxy proxy = new TcpProxy(new InetSocketAddress(host, port), listener);
      proxy.acceptor.start();
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("open a proxy to " + host + ":" + port, e);
    }
  }

  /** {@return the host name to connect to} */
  public String host() {
    return "localhost";
  }

  /** {@return the port to connect to} */
  public int port() {
    return listener.getLocalPort();
  }

  /** {@return how many connections are open now} */
  public int openConnections() {
    return open.size();
  }

  /** {@return how many connections were accepted since the start} */
  public long acceptedConnections() {
    return accepted.get();
  }

  /** {@return how many standby status messages were swallowed since the start} */
  public long swallowedStatusMessages() {
    return faults.swallowedStatusMessages();
  }

  /**
   * Lets new connections lead to another server, as a changed DNS record does; open ones stay.
   *
   * @param host the server's host
   * @param port the server's port
   */
  public void redirect(String host, int port) {
    target = new InetSocketAddress(host, port);
  }

  /** Resets all open connections, on both sides; new ones are possible at once. */
  public void cut() {
    open.forEach(ProxiedConnection::reset);
  }

  /** Resets all open connections and every new one, as if the server was not there. */
  public void refuse() {
    faults.change(state -> state.withRefusing(true));
    cut();
  }

  /**
   * Passes nothing on and reads nothing: both sides fill their buffers and wait. After {@link
   * #heal()} everything continues.
   */
  public void stall() {
    faults.change(state -> state.withStalling(true));
  }

  /**
   * Reads everything and passes on nothing, not even the end of a connection: what a broken route
   * looks like. A connection that lost bytes that way stays so until it is cut.
   */
  public void halfOpen() {
    faults.change(state -> state.withSwallowing(true));
  }

  /**
   * Takes a Postgres client's standby status messages out of what it sends; not possible inside
   * TLS.
   */
  public void swallowStatusMessages() {
    faults.change(state -> state.withSwallowingStatus(true));
  }

  /**
   * Lets everything arrive later. Each piece read waits on its own, so throughput falls too.
   *
   * @param latency how much later, each way
   */
  public void delay(Duration latency) {
    faults.change(state -> state.withLatency(latency));
  }

  /**
   * Limits how fast bytes pass.
   *
   * @param bytesPerSecond the limit of each connection, each way
   */
  public void throttle(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("bytesPerSecond must be positive: " + bytesPerSecond);
    }
    faults.change(state -> state.withBytesPerSecond(bytesPerSecond));
  }

  /** Ends all faults. */
  public void heal() {
    faults.change(state -> Faults.State.NONE);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        accepted.incrementAndGet();
        connect(client);
      } catch (IOException ignored) {
        // The listener was closed, or the server does not answer: the client sees its connection
        // end.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    if (faults.state().refusing()) {
      ProxiedConnection.reset(client);
      return;
    }
    Socket server = new Socket();
    try {
      server.connect(target, CONNECT_TIMEOUT_MILLIS);
    } catch (IOException e) {
      ProxiedConnection.reset(client);
      throw e;
    }
    ProxiedConnection connection = new ProxiedConnection(client, server, faults, open::remove);
    open.add(connection);
    connection.start();
  }

  /** Ends all connections and frees the port. */
  @Override
  public void close() {
    try {
      listener.close();
      acceptor.join(JOIN_LIMIT.toMillis());
    } catch (IOException ignored) {
      // Nothing more can be done about a listener that does not close.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cut();
    heal();
  }
}
