package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.decode.EventSink;
import dev.pgetl.internal.decode.PgOutputDecoder;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.deliver.OpenBatch;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection's worth of a stream: reads, decodes, fills batches, keeps the server informed.
 * Owned by the reader's thread.
 *
 * <p>While it waits, for the destination, the store or the catalogue, it stops reading, not
 * answering.
 */
public final class StreamSession implements EventSink {
  /** What the owner of a session decides. Called on the reader's thread. */
  public interface Role {
    /** {@return whether to end at once, also inside a transaction} Asked for every message. */
    boolean stopping();

    /**
     * {@return whether to end here} Everything committed before the position has been added to
     * batches.
     */
    boolean reached(Lsn position) throws InterruptedException;

    /** {@return what to deliver of an event; null for nothing} */
    default @Nullable Event admitted(Event event) {
      return event;
    }

    /** Nothing came for a moment. */
    void idle(WalStream wal);

    /** The server's WAL is at this position; reported while reading is stopped. */
    void serverAt(Lsn position);

    /** Reading stopped because the destination does not keep up, or continues. */
    default void heldBack(boolean nowHeldBack) {}
  }

  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** After so many messages a position is offered although the stream is never idle. */
  private static final int MANY = 4_096;

  private final Source source;
  private final Ticker ticker;
  private final StreamFormat format;
  private final WalStream wal;
  private final OpenBatch batch;
  private final Role role;
  private final PgOutputDecoder decoder;
  private Lsn position;
  private boolean atBoundary;
  private int unoffered;

  /**
   * Prepares to read a stream.
   *
   * @param from everything committed before it is skipped
   */
  public StreamSession(
      Source source,
      Ticker ticker,
      StreamFormat format,
      WalStream wal,
      OpenBatch batch,
      StreamTables tables,
      Lsn from,
      Role role) {
    this.source = source;
    this.ticker = ticker;
    this.format = format;
    this.wal = wal;
    this.batch = batch;
    this.role = role;
    this.position = from;
    this.decoder = new PgOutputDecoder(tables, this, from, wal.format());
  }

  /** Reads until the role wants to end. */
  public void run() throws InterruptedException {
    try {
      read();
    } catch (EtlException e) {
      if (wal.binaryRefused()) {
        format.refused(e);
      }
      throw e;
    }
  }

  private void read() throws InterruptedException {
    if (role.reached(position)) {
      return;
    }
    while (!role.stopping()) {
      WalStream.Input input = wal.poll(0);
      if (input == WalStream.Input.NOTHING) {
        offer();
        input = wal.poll(IDLE_NANOS);
      }
      if (take(input)) {
        batch.offer();
        return;
      }
      if (batch.isFull()) {
        holdBack();
      } else if (batch.isDue() || ++unoffered >= MANY) {
        unoffered = 0;
        offer(); // also if there is nothing but a position in it
      }
    }
  }

  /** A stream that is never idle, and whose batch never fills, shall notice a failure too. */
  private void offer() {
    batch.offer();
    batch.checkDelivery();
  }

  /** {@return whether the role wants to end here} */
  private boolean take(WalStream.Input input) throws InterruptedException {
    switch (input) {
      case DATA -> {
        decoder.decode(wal.bytes(), wal.offset(), wal.length());
      }
      case KEEPALIVE -> {
        if (!decoder.inTransaction()) {
          boundary(new Lsn(wal.walEnd()));
        }
        checkServer();
      }
      case NOTHING -> role.idle(wal);
    }
    if (atBoundary) {
      atBoundary = false;
      return role.reached(position);
    }
    return false;
  }

  private void checkServer() {
    if (wal.serverIsStopping()) {
      wal.flushStatus();
      throw new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE, "reading the stream ended: the server is shutting down");
    }
  }

  private void holdBack() throws InterruptedException {
    if (batch.awaitRoom(IDLE_NANOS)) {
      return;
    }
    role.heldBack(true);
    try {
      IdleUpkeep upkeep = new IdleUpkeep(source, wal, role::serverAt, ticker);
      do {
        upkeep.maintain();
      } while (!role.stopping() && !batch.awaitRoom(IDLE_NANOS));
    } finally {
      role.heldBack(false);
    }
  }

  @Override
  public void event(Event event, int size) {
    Event admitted = role.admitted(event);
    if (admitted != null) {
      batch.add(admitted, size);
    }
  }

  @Override
  public void boundary(Lsn endLsn) {
    position = Lsn.max(position, endLsn);
    batch.boundary(position);
    atBoundary = true;
  }

  /** {@return everything committed before it has been added to batches} */
  public Lsn position() {
    return position;
  }
}
