package dev.pgetl.benchmarks.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * A server on loopback, seen from afar: everything arrives half a round trip later, and as fast as
 * it was sent. (The delay of the test kit's proxy lowers the throughput too.) Thread-safe.
 */
final class Distance implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;

  /** What may be on its way, several times what a round trip of 20 ms takes. */
  private static final int ON_ITS_WAY_BYTES = 32 << 20;

  private final ServerSocket listener;
  private final String host;
  private final int port;
  private final long nanosEachWay;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * Listens on a free port.
   *
   * @param host the server's host
   * @param port the server's port
   */
  Distance(String host, int port, Duration roundTrip) {
    this.host = host;
    this.port = port;
    this.nanosEachWay = roundTrip.toNanos() / 2;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("listen for clients of a distant server", e);
    }
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      try {
        connect(client);
      } catch (IOException e) {
        client.close(); // it reports that; another one may succeed
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket server = new Socket(host, port);
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    open.add(client);
    open.add(server);
    carry(client, server);
    carry(server, client);
  }

  private void carry(Socket from, Socket to) {
    BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    Semaphore room = new Semaphore(ON_ITS_WAY_BYTES);
    start("take", () -> take(from, pieces, room));
    start("bring", () -> bring(to, pieces, room));
  }

  /** Bytes that arrive at a time; none at the end. */
  private record Piece(ByteBuffer bytes, long due) {
    int length() {
      return bytes.limit();
    }
  }

  private void take(Socket from, BlockingQueue<Piece> pieces, Semaphore room)
      throws InterruptedException {
    Piece next;
    do {
      ByteBuffer bytes = read(from);
      next = new Piece(bytes, System.nanoTime() + nanosEachWay);
      room.acquire(next.length());
      pieces.add(next);
    } while (next.length() > 0);
  }

  /** {@return none if the connection has ended} */
  private static ByteBuffer read(Socket from) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      int count = from.getInputStream().read(piece);
      return ByteBuffer.wrap(Arrays.copyOf(piece, Math.max(0, count)));
    } catch (IOException e) {
      return ByteBuffer.allocate(0);
    }
  }

  private void bring(Socket to, BlockingQueue<Piece> pieces, Semaphore room)
      throws IOException, InterruptedException {
    try (to) {
      for (Piece piece = pieces.take(); piece.length() > 0; piece = pieces.take()) {
        for (long early = piece.due() - System.nanoTime();
            early > 0;
            early = piece.due() - System.nanoTime()) {
          LockSupport.parkNanos(early);
        }
        to.getOutputStream().write(piece.bytes().array());
        room.release(piece.length());
      }
    } finally {
      open.remove(to);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("end the way to a distant server", e);
    }
  }

  /** Ends with the sockets it works on. */
  private static void start(String what, Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException | InterruptedException ignored) {
                // The connection or the listener was closed.
              }
            },
            "distance-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  /** What a thread does. */
  private interface Task {
    void run() throws IOException, InterruptedException;
  }
}
