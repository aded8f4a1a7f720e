package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * The batch a reader fills, without a lock. Before the reader waits for the server, or when the
 * delivery is idle, it <em>offers</em> the batch to the {@link Mailbox} and begins the next. So a
 * batch is small and leaves at once while the destination is idle, and large under load, and at
 * most two batches' worth is in memory: one being delivered, one being gathered.
 *
 * <p>A transaction that is to be whole is offered with its end, and does not count against the
 * limits of a batch before. One that grows too large is offered as it comes.
 *
 * <p>Owned by the reader's thread.
 */
public final class OpenBatch {
  /** Events after which a busy reader checks whether the delivery is idle. */
  private static final int EAGER_SIZE = 256;

  private final Mailbox mailbox;
  private final BatchConfig limits;
  private final ByteBudget budget;
  private final ByteBudget.Share share;
  private final long wholeBytes;
  private final Ticker ticker;

  private @Nullable EventBatch batch;
  private boolean overBudget;

  /** Whether a part of the open transaction was offered. */
  private boolean divided;

  /**
   * Creates an empty batch.
   *
   * @param mailbox where it is offered
   * @param limits of a batch
   * @param budget where its bytes count
   * @param wholeBytes bytes from which on a transaction is divided, at most half of the budget, for
   *     one is delivered while the next is read; 0 to divide any
   * @param ticker a running clock
   */
  public OpenBatch(
      Mailbox mailbox, BatchConfig limits, ByteBudget budget, long wholeBytes, Ticker ticker) {
    this.mailbox = mailbox;
    this.limits = limits;
    this.budget = budget;
    this.share = budget.open();
    this.wholeBytes = Math.min(wholeBytes, budget.limit() / 2);
    this.ticker = ticker;
  }

  /**
   * Adds an event.
   *
   * @param event the event
   * @param bytes what it keeps in memory
   */
  public void add(Event event, int bytes) {
    EventBatch filled = batch();
    filled.add(event, bytes, filled.hasEvents() ? 0 : ticker.nanos());
    overBudget = !share.take(bytes);
  }

  /**
   * Everything up to a position has been added, and no transaction is open.
   *
   * @param position the position
   */
  public void boundary(Lsn position) {
    batch().boundary(position);
    divided = false;
  }

  private EventBatch batch() {
    EventBatch filled = batch;
    if (filled == null) {
      filled = new EventBatch();
      batch = filled;
    }
    return filled;
  }

  /** {@return whether the reader must stop until {@link #awaitRoom}} */
  public boolean isFull() {
    EventBatch filled = batch;
    if (filled == null) {
      return false;
    }
    Mailbox.View offered = mailbox.view();
    long bytes = filled.bytes() + offered.bytes();
    int size = filled.size() + offered.size();
    if (keepsOpenTransaction(filled)) {
      bytes -= filled.openBytes();
      size -= filled.openSize();
    }
    return (overBudget && bytes >= ByteBudget.SMALL)
        || size >= limits.maxSize()
        || bytes >= limits.maxBytes();
  }

  private boolean keepsOpenTransaction(EventBatch filled) {
    return filled.openBytes() < wholeBytes && !divided;
  }

  /** {@return whether the batch is worth offering while there is still more to read} */
  public boolean isDue() {
    EventBatch filled = batch;
    return filled != null && filled.size() >= EAGER_SIZE && mailbox.view().idle();
  }

  /** Makes what was added available to the delivery, except a transaction that is to be whole. */
  public void offer() {
    EventBatch filled = batch;
    if (filled == null) {
      return;
    }
    boolean keeping = keepsOpenTransaction(filled);
    if (filled.boundary() != null || (filled.hasEvents() && !keeping)) {
      batch = keeping ? filled.splitOpenTransaction(ticker.nanos()) : null;
      divided = filled.openSize() > 0;
      mailbox.offer(filled);
    }
  }

  /**
   * Offers what was added and waits until the delivery has taken it; it cannot grow meanwhile, so
   * it is due at once.
   *
   * @param nanos how long at most
   * @return whether it was taken
   * @throws EtlException if the delivery has failed
   */
  public boolean awaitRoom(long nanos) throws InterruptedException {
    offer();
    return mailbox.awaitRoom(nanos);
  }

  /**
   * Does nothing while the delivery works.
   *
   * @throws EtlException if it has failed
   */
  public void checkDelivery() {
    mailbox.checkDelivery();
  }

  /**
   * Drops the events of a transaction that will not be read to its end in this session; the rest is
   * offered.
   */
  public void dropOpenTransaction() {
    EventBatch filled = batch;
    if (filled != null) {
      budget.giveBack(filled.dropOpenTransaction());
    }
    offer();
    divided = false;
    mailbox.dropOpenTransaction();
  }

  /** Gives back the bytes of what will not be delivered; the delivery has ended. */
  public void discard() {
    if (batch != null) {
      budget.giveBack(batch.bytes());
      batch = null;
    }
    share.close();
    mailbox.discard();
  }
}
