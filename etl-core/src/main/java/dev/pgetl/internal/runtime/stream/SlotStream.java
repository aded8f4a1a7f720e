package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.lineage.Lineage;
import dev.pgetl.internal.runtime.lineage.Promotion;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.TimeUnit;

/**
 * A stream that continues where its slot's position is remembered. The slot is compared on the
 * stream's own connection, and once more when the stream holds it: in between it may have been
 * another client's.
 *
 * @param wal the stream; whoever opened it closes it
 * @param position where it begins, on the timeline of the server it reads from
 * @param currentWal where the server was when it was opened
 */
public record SlotStream(WalStream wal, ReplicationProgress position, Lsn currentWal) {
  private static final int MAX_MESSAGES = 10_000;
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * Opens the stream of a slot.
   *
   * @param context its source answers questions while the connection is a stream
   * @param connection becomes the stream
   * @param remembered the slot's position
   * @param seen up to where this process has read the history before
   * @param given to the destination, should the server have been promoted
   * @param format in what format to ask for values
   * @throws EtlException of kind {@code SLOT_LOST} if changes behind the position are gone, of kind
   *     {@code DIVERGED} if the server lacks what was delivered; nothing was confirmed and nothing
   *     can have been delivered
   */
  public static SlotStream open(
      PipelineContext context,
      ReplicationConnection connection,
      ReplicationProgress remembered,
      Lsn seen,
      Given given,
      ValueFormat format)
      throws InterruptedException {
    String slot = remembered.slotName();
    SourceFacts facts = connection.facts();
    if (Lineage.isSetBack(remembered, seen, facts)) {
      context.store().deleteReplicationProgress(slot); // by the next start nothing may show it
    }
    ReplicationProgress position = Promotion.follow(context, connection, facts, remembered, given);
    boolean moved = !position.equals(remembered);
    Lsn from =
        Lineage.resume(slot, connection.slot(slot), position, moved ? Lsn.ZERO : seen, facts);
    context.source().releaseSlot(slot);
    Failpoint.BEFORE_STREAM_OPENED.reached();
    WalStream wal = connection.stream(slot, context.config().publicationName(), from, format);
    boolean proven = false;
    try {
      prove(context.source(), slot, wal, from);
      proven = true;
      return new SlotStream(wal, position, facts.currentWal());
    } finally {
      if (!proven) {
        wal.close();
      }
    }
  }

  /** {@return where it begins} */
  public Lsn from() {
    return position.flushedLsn();
  }

  /** From here on no other client can move the slot. */
  private static void prove(Source source, String slot, WalStream wal, Lsn from) {
    SlotState held =
        source.slot(slot).filter(state -> state.activePid() == wal.serverProcess()).orElse(null);
    if (held == null) {
      letTheServerSayWhy(wal);
      throw new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE,
          "reading from slot "
              + slot
              + " failed: server process "
              + wal.serverProcess()
              + " does not hold it any more");
    }
    Lineage.requireNotAhead(held, from);
  }

  /** Reads up to the error with which the server may have ended the stream, which is thrown. */
  private static void letTheServerSayWhy(WalStream wal) {
    int messages = 0;
    while (messages < MAX_MESSAGES && wal.poll(ANSWER_NANOS) != WalStream.Input.NOTHING) {
      messages++;
    }
  }
}
