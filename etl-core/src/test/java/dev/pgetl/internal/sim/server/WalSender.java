package dev.pgetl.internal.sim.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of a stream: decides what is sent next whenever the client asks. Transactions go
 * out whole and in commit order; a table is described before its first change and after everything
 * that touched it. As in Postgres, whether a table is published is asked once and remembered, also
 * for changes of transactions that are older but committed later.
 */
final class WalSender {
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int STALL_ONE_IN = 60;
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int HEADER_BYTES = 25;

  private final Cluster cluster;
  private final Slot slot;
  private final String publication;
  private final int pid;
  private final Queue<byte[]> pending = new ArrayDeque<>();
  private final Set<Long> described = new HashSet<>();
  private final Map<Long, Boolean> published = new HashMap<>();
  private int next;
  private long sent;
  private long saidSent;
  private long clientFlushed;
  private boolean answerWanted;
  private long lastStatusAt;
  private long stalledUntil;
  private boolean ended;
  private long clientGoneUntil = Long.MAX_VALUE;

  WalSender(Cluster cluster, Slot slot, String publication, int pid, long requested) {
    this.cluster = cluster;
    this.slot = slot;
    this.publication = publication;
    this.pid = pid;
    long start = Math.max(requested, slot.confirmed());
    this.next = cluster.disk().firstFrom(start);
    this.sent = start;
    this.lastStatusAt = cluster.now();
  }

  int pid() {
    return pid;
  }

  /** {@return whether the server process still runs; one that hears nothing ends by itself} */
  boolean holdsSlot() {
    boolean silent = cluster.now() - lastStatusAt > TIMEOUT_NANOS;
    return !ended && !silent && cluster.now() < clientGoneUntil;
  }

  /** The server process ends at once. */
  void end() {
    ended = true;
  }

  /** The client is gone; the server notices in a moment. */
  void clientGone(long noticedAt) {
    clientGoneUntil = Math.min(clientGoneUntil, noticedAt);
  }

  /** {@return the content of the next message; null if there is nothing to say} */
  byte @Nullable [] next() throws IOException {
    if (!holdsSlot()) {
      throw new IOException("the server process has ended");
    }
    if (slot.lost()) {
      ended = true;
      throw new IOException("the slot was invalidated");
    }
    while (pending.isEmpty() && next < cluster.disk().wal.size()) {
      encode(cluster.disk().wal.get(next));
      next++;
    }
    if (pending.isEmpty()) {
      return nothingMore();
    }
    if (!isStalled() && cluster.random().nextInt(STALL_ONE_IN) == 0) {
      stalledUntil = cluster.now() + cluster.random().nextLong(STALL_NANOS);
    }
    return isStalled() ? null : pending.poll();
  }

  /** {@return whether the network pauses, as it does now and then, also inside a transaction} */
  boolean isStalled() {
    return cluster.now() < stalledUntil;
  }

  private byte @Nullable [] nothingMore() throws IOException {
    sent = Math.max(sent, cluster.disk().insert());
    if (cluster.stopping()) {
      return stop();
    }
    long silent = cluster.now() - lastStatusAt;
    boolean behind = clientFlushed < sent && saidSent < sent;
    if (answerWanted || behind || silent > TIMEOUT_NANOS / 2) {
      answerWanted = false;
      saidSent = sent;
      return keepalive(sent, silent > TIMEOUT_NANOS / 2);
    }
    return null;
  }

  /** A server that stops waits for its client to have everything, asking again and again. */
  private byte[] stop() throws IOException {
    if (clientFlushed >= sent) {
      ended = true;
      throw new IOException("the server has shut down");
    }
    return keepalive(sent, true);
  }

  private void encode(Committed transaction) {
    cluster.sends(transaction.commitLsn());
    long begin = transaction.changes().isEmpty() ? 0 : transaction.changes().get(0).lsn();
    boolean begun = false;
    int changes = 0;
    for (Change change : transaction.changes()) {
      change.invalidated().forEach(this::forget);
      if (isPublished(change)) {
        if (!begun) {
          begun = true;
          data(begin, PgMessages.begin(transaction));
        }
        describe(change.shape());
        data(change.lsn(), change.message());
        changes++;
        keepaliveInside(transaction);
      }
    }
    cluster.sends(publication, transaction.commitLsn(), changes);
    transaction.invalidated().forEach(this::forget);
    if (!begun && cluster.sendsEmptyTransactions()) {
      begun = true;
      data(begin, PgMessages.begin(transaction));
    }
    if (begun) {
      data(transaction.endLsn(), PgMessages.commit(transaction));
    }
  }

  /**
   * A change of a publication concerns all tables before Postgres 18, and only whether they are
   * published in Postgres 14.
   */
  private void forget(long oid) {
    if (oid != OpenTransaction.PUBLICATIONS) {
      described.remove(oid);
      if (cluster.version() > 14) {
        published.remove(oid);
      }
    } else if (cluster.version() < 18) {
      published.clear();
      if (cluster.version() > 14) {
        described.clear();
      }
    }
  }

  private boolean isPublished(Change change) {
    return published.computeIfAbsent(
        change.shape().oid(), oid -> change.publications().contains(publication));
  }

  private void describe(Shape shape) {
    if (described.add(shape.oid())) {
      data(0, shape.relation());
    }
  }

  /** A long transaction does not keep the server from saying where it is. */
  private void keepaliveInside(Committed transaction) {
    if (cluster.random().nextInt(40) == 0) {
      pending.add(keepalive(Math.max(sent, transaction.commitLsn()), false));
    }
  }

  private void data(long lsn, byte[] message) {
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + message.length);
    frame.put((byte) 'w').putLong(lsn).putLong(lsn).putLong(0).put(message);
    pending.add(frame.array());
  }

  private byte[] keepalive(long position, boolean answer) {
    cluster.sends(position); // a client takes it for a position of this history
    ByteBuffer message = ByteBuffer.allocate(18);
    message.put((byte) 'k').putLong(position).putLong(0).put((byte) (answer ? 1 : 0));
    return message.array();
  }

  /** A standby status update. */
  void status(ByteBuffer update) throws IOException {
    if (!holdsSlot()) {
      throw new IOException("the server process has ended");
    }
    update.get();
    update.getLong();
    clientFlushed = update.getLong();
    update.getLong();
    update.getLong();
    answerWanted |= update.get() != 0;
    lastStatusAt = cluster.now();
    slot.confirm(clientFlushed);
  }
}
