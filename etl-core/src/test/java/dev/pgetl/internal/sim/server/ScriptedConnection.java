package dev.pgetl.internal.sim.server;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.ScriptedStream;
import dev.pgetl.internal.capture.TimelineHistory;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection for replication commands to a scripted cluster. */
final class ScriptedConnection implements ReplicationConnection {
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final ScriptedSource source;
  private final Cluster cluster;
  private final int pid;
  private final Link link;
  private @Nullable WalSender sender;
  private @Nullable Slot temporary;

  ScriptedConnection(ScriptedSource source) {
    this.source = source;
    this.cluster = source.cluster();
    this.link = source.open("connect", this::cut);
    this.pid = link.pid();
    source.opened(pid);
  }

  /** Creates a slot that ends with this connection. */
  Slot createTemporarySlot(String name) {
    Slot slot = SlotMaker.create(cluster, link, name, source.config().lockTimeout().toNanos());
    slot.makeTemporary();
    temporary = slot;
    return slot;
  }

  void travel(String doing) {
    link.travel(doing);
  }

  /** The server notices at once or, if the client's host is gone, after a while. */
  private void cut() {
    WalSender present = sender;
    if (present != null) {
      present.clientGone(link.noticedAt());
    }
    Slot own = temporary;
    if (own != null) {
      cluster.disk().slots.remove(own.name(), own);
    }
  }

  @Override
  public SourceFacts facts() {
    link.travel("identify the server");
    cluster.encounters().identified(cluster.end());
    return cluster.facts();
  }

  @Override
  public TimelineHistory history(int timeline) {
    link.travel("read the history of timeline " + timeline);
    return cluster.history();
  }

  @Override
  public Optional<SlotState> slot(String name) {
    link.travel("look for slot " + name);
    return source.slotNow(name);
  }

  @Override
  public void expectLargeRows() {}

  @Override
  public WalStream stream(String slotName, String publicationName, Lsn from, ValueFormat format) {
    String doing = "start to read from slot " + slotName + " at " + from;
    link.travel(doing);
    if (isHeld(slotName)) {
      source.releaseSlot(slotName);
      if (!source.awaitFree(slotName) || isHeld(slotName)) {
        throw new EtlException(ErrorKind.SLOT_IN_USE, doing + " failed: the slot is active");
      }
      link.require(doing);
    }
    Slot slot = cluster.slot(slotName);
    if (slot == null || slot.lost()) {
      throw new EtlException(ErrorKind.SLOT_LOST, doing + " failed: the slot is lost");
    }
    WalSender begun = new WalSender(cluster, slot, publicationName, pid, from.value());
    slot.hold(begun);
    sender = begun;
    return new ScriptedStream(
        new Wire(begun, slot, slot.confirmed() > from.value()),
        slotName,
        from,
        source.config(),
        source.platform());
  }

  private boolean isHeld(String slotName) {
    Slot slot = cluster.slot(slotName);
    return slot != null && (slot.holder() != null || slot.unfinished());
  }

  @Override
  public void close() {
    link.cut();
  }

  /** The stream's way to its sender and back. */
  private final class Wire implements ScriptedStream.Server {
    private final WalSender from;
    private final Slot slot;
    private long lastByteAt = cluster.now();

    /** Whether the server does not send everything behind the position it begins at. */
    private final boolean incomplete;

    private Wire(WalSender from, Slot slot, boolean incomplete) {
      this.from = from;
      this.slot = slot;
      this.incomplete = incomplete;
    }

    @Override
    public byte @Nullable [] next() throws IOException {
      requireOpen();
      if (!cluster.reachable()) {
        return null; // silence
      }
      if (incomplete) {
        cluster.encounters().readBehindSlot(slot.name());
      }
      byte[] message = from.next();
      if (message != null) {
        lastByteAt = cluster.now();
      }
      return message;
    }

    private void requireOpen() throws IOException {
      cluster.scheduler().requireAlive();
      if (link.isCut()) {
        throw new IOException("the connection is lost");
      }
    }

    @Override
    public void await(long nanos) {
      long limit = from.isStalled() ? Math.min(nanos, STALL_NANOS) : nanos;
      Doing before = Movement.begin(Doing.AWAITS_SOURCE);
      cluster.changed().await(cluster.scheduler().deadline(limit), false);
      Movement.end(before);
    }

    @Override
    public void status(ByteBuffer update) throws IOException {
      requireOpen();
      if (cluster.reachable()) {
        from.status(update);
      }
    }

    @Override
    public int process() {
      return pid;
    }

    @Override
    public long lastByteAt() {
      return lastByteAt;
    }

    @Override
    public EtlException whyBroken(String doing, Exception cause) {
      Optional<SlotState> now;
      try {
        now = source.slot(slot.name());
      } catch (EtlException e) {
        return new EtlException(
            ErrorKind.SOURCE_UNAVAILABLE, doing + " failed: the server went away", cause);
      }
      ErrorKind kind =
          now.isEmpty() || now.get().lost()
              ? ErrorKind.SLOT_LOST
              : now.get().active() && now.get().activePid() != pid
                  ? ErrorKind.SLOT_IN_USE
                  : ErrorKind.SOURCE_UNAVAILABLE;
      return new EtlException(kind, doing + " failed: the stream broke", cause);
    }

    @Override
    public void close() {
      link.cut();
    }
  }
}
