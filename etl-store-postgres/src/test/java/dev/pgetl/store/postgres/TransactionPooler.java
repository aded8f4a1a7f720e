package dev.pgetl.store.postgres;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pooler of transactions in front of a server. Each client logs in at a connection of its own,
 * which then belongs to all and outlives the client. Its transactions run there, or on the
 * connections of others on request. Without TLS.
 */
final class TransactionPooler implements AutoCloseable {
  private static final int AUTHENTICATED = 0;
  private static final int SASL_FINAL = 12;

  private final String host;
  private final int port;
  private final boolean announcing;
  private final ServerSocket listener;
  private final BlockingDeque<Peer> idle = new LinkedBlockingDeque<>();
  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile boolean scattering;

  /** A client, or a connection to the server. */
  private record Peer(Socket socket, DataInputStream in) {
    static Peer of(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      return new Peer(socket, new DataInputStream(socket.getInputStream()));
    }

    Message read() throws IOException {
      int type = in.read();
      int length = type < 0 ? Integer.BYTES : in.readInt();
      return new Message(type, in.readNBytes(length - Integer.BYTES));
    }

    void send(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
    }
  }

  /** One message of the protocol; its type is negative at the end. */
  // Used by one thread, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Message(int type, byte[] body) {
    byte[] bytes() {
      ByteBuffer bytes = ByteBuffer.allocate(1 + Integer.BYTES + body.length);
      return bytes.put((byte) type).putInt(Integer.BYTES + body.length).put(body).array();
    }

    int number() {
      return ByteBuffer.wrap(body).getInt();
    }
  }

  /**
   * Starts a pooler.
   *
   * @param announcing whether clients receive the true number of the process they logged in at
   */
  TransactionPooler(String host, int port, boolean announcing) {
    this.host = host;
    this.port = port;
    this.announcing = announcing;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /**
   * From now on a transaction runs on the connection of another client if there is one. To be
   * called between transactions: one whose client has its answer may still hold its connection.
   */
  void scatter() {
    await("all connections are idle").until(() -> idle.size() == connections.get());
    scattering = true;
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "transaction-pooler");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Peer client = peer(listener.accept());
        start(() -> serve(client));
      } catch (IOException ignored) {
        // The listener was closed, or the client has gone.
      }
    }
  }

  private Peer peer(Socket socket) throws IOException {
    Peer peer = Peer.of(socket);
    peers.add(peer);
    return peer;
  }

  private void serve(Peer client) {
    try (Socket socket = client.socket()) {
      Peer own = peer(new Socket(host, port));
      logIn(client, own);
      connections.incrementAndGet();
      idle.add(own);
      transactions(client, own);
      socket.shutdownOutput();
    } catch (IOException ignored) {
      // One of the two has gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void logIn(Peer client, Peer own) throws IOException {
    int length = client.in().readInt();
    byte[] rest = client.in().readNBytes(length - Integer.BYTES);
    own.send(ByteBuffer.allocate(length).putInt(length).put(rest).array());
    for (Message message = own.read(); ; message = own.read()) {
      client.send(message.type() == 'K' && !announcing ? disguised(message) : message.bytes());
      if (message.type() == 'R'
          && message.number() != AUTHENTICATED
          && message.number() != SASL_FINAL) {
        own.send(client.read().bytes());
      } else if (message.type() == 'Z' || message.type() < 0) {
        return;
      }
    }
  }

  /** Cancel keys of a pooler are its own. */
  private static byte[] disguised(Message key) {
    byte[] body = key.body().clone();
    ByteBuffer.wrap(body).putInt(0, key.number() + 1_000_000);
    return new Message(key.type(), body).bytes();
  }

  private void transactions(Peer client, Peer own) throws IOException, InterruptedException {
    for (byte[] request = request(client); request.length > 0; request = request(client)) {
      Peer server = take(own);
      char status = answer(request, client, server);
      while (status != 'I') {
        status = answer(request(client), client, server);
      }
      idle.add(server);
    }
  }

  private Peer take(Peer own) throws InterruptedException {
    Peer first = idle.takeFirst();
    while (first.equals(own) == scattering && !idle.isEmpty()) {
      idle.addLast(first);
      first = idle.takeFirst();
    }
    return first;
  }

  /** All messages up to the one that asks for an answer; nothing at the end. */
  private static byte[] request(Peer client) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    while (true) {
      Message message = client.read();
      if (message.type() < 0 || message.type() == 'X') {
        return new byte[0];
      }
      request.writeBytes(message.bytes());
      if (message.type() == 'S' || message.type() == 'Q') {
        return request.toByteArray();
      }
    }
  }

  /** Passes a request and its answer on, and reports whether a transaction is open. */
  private static char answer(byte[] request, Peer client, Peer server) throws IOException {
    server.send(request);
    while (true) {
      Message message = server.read();
      client.send(message.bytes());
      if (message.type() == 'Z') {
        return (char) message.body()[0];
      } else if (message.type() < 0) {
        throw new IOException("the server ended the connection");
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Peer peer : peers) {
        peer.socket().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
