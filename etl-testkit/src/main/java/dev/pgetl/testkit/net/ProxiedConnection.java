package dev.pgetl.testkit.net;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One connection through the proxy: two sockets, and a thread for each direction. */
final class ProxiedConnection {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Socket client;
  private final Socket server;
  private final Faults faults;
  private final Consumer<ProxiedConnection> onEnd;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean lost;

  ProxiedConnection(
      Socket client, Socket server, Faults faults, Consumer<ProxiedConnection> onEnd) {
    this.client = client;
    this.server = server;
    this.faults = faults;
    this.onEnd = onEnd;
  }

  /** Where pieces of a stream come from. */
  private interface Source {
    Piece next() throws IOException;
  }

  void start() throws IOException {
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    int number = NUMBER.incrementAndGet();
    ClientMessages messages = new ClientMessages(client.getInputStream());
    OutputStream toServer = server.getOutputStream();
    OutputStream toClient = client.getOutputStream();
    Piece.Reader answers = new Piece.Reader(server.getInputStream());
    run(number + "-up", messages::next, toServer, server);
    run(number + "-down", answers::next, toClient, client);
  }

  private void run(String name, Source source, OutputStream sink, Socket sinkSocket) {
    Thread thread = new Thread(() -> pump(source, sink, sinkSocket), "pgetl-proxy-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void pump(Source source, OutputStream sink, Socket sinkSocket) {
    try {
      for (Piece piece = source.next(); !piece.isEnd(); piece = source.next()) {
        pass(piece, sink);
      }
      if (lost || faults.state().swallowing()) {
        faults.awaitEnd(ended::get);
      } else {
        sinkSocket.shutdownOutput();
        endIfBothAreShut();
      }
    } catch (IOException ignored) {
      reset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reset();
    }
  }

  private void pass(Piece piece, OutputStream sink) throws IOException, InterruptedException {
    faults.awaitFlow(ended::get);
    Faults.State state = faults.state();
    if (lost || state.swallowing()) {
      lost = true;
      return;
    }
    if (piece.isStatusMessage() && state.swallowingStatus()) {
      faults.countSwallowedStatusMessage();
      return;
    }
    faults.pause(state.latency().plus(state.transferTime(piece.length())), ended::get);
    sink.write(piece.bytes(), 0, piece.length());
    sink.flush();
  }

  private void endIfBothAreShut() throws IOException {
    if (client.isOutputShutdown() && server.isOutputShutdown() && end()) {
      client.close();
      server.close();
    }
  }

  /** Resets the connection. */
  void reset() {
    if (end()) {
      reset(client);
      reset(server);
    }
  }

  private boolean end() {
    boolean first = ended.compareAndSet(false, true);
    if (first) {
      onEnd.accept(this);
      faults.wake();
    }
    return first;
  }

  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException ignored) {
      // It is closed already.
    }
  }
}
