package dev.pgetl.store;

import java.time.Duration;
import java.util.Optional;

/**
 * Decides which of several processes owns a pipeline whose state they share. Optional: a store
 * returns one from {@link PipelineStore#leases()} if several processes can reach its state, and all
 * see the same.
 *
 * <p>A lease has an owner, an epoch, and an end. The epoch decides who may write state. The end
 * says only when others stop waiting for an owner that may be paused or cut off.
 *
 * <p>Rules for implementers; {@code LeaseStoreContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>O1</b> {@link #lease} answers what is true for all processes at the moment. It changes
 *       nothing, and needs no lease. What this store has read or written before it was granted one
 *       does not count as a use: a process must not wait for itself.
 *   <li><b>O2</b> {@link #take} grants a lease only if it {@linkplain Lease#isGrantable() may be
 *       granted} and still has the epoch that the caller has seen. If several processes take it at
 *       once, one gets it.
 *   <li><b>O3</b> Every grant has a greater epoch than all before, also after all processes and the
 *       store itself were restarted.
 *   <li><b>O4</b> After a grant every write of state by an earlier owner fails and changes nothing,
 *       also one that had begun.
 *   <li><b>O5</b> {@link #renew} moves the end, by the store's clock, and keeps the epoch. It
 *       succeeds after the end, too, unless another owner was granted the lease: then it fails with
 *       {@code STORE_LOCKED}, each time; the first call may fail with {@code STORE_UNAVAILABLE}
 *       because its session was ended. If the pipeline's state was removed meanwhile, it fails with
 *       {@code STORE_CORRUPT}, and the pipeline with it.
 *   <li><b>O6</b> {@link #giveBack} makes the lease free for others at once. From then on this
 *       store writes no state until it is granted the lease again, also if the call fails. It is
 *       idempotent, and changes nothing if another owner was granted the lease.
 *   <li><b>O7</b> {@link #watch} returns after the limit at the latest. If the lease depends on a
 *       session, it fails with {@code STORE_UNAVAILABLE} as soon as that session is lost; after
 *       {@link #renew} it works again.
 *   <li><b>O8</b> A process that ends without giving the lease back leaves it with its owner, not
 *       in use.
 *   <li><b>O9</b> {@link #rehearse} changes nothing, and needs no lease.
 * </ol>
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p><b>Failures.</b> Throw {@link dev.pgetl.error.EtlException} with a {@code STORE_…} kind. A
 * call must fail in bounded time: {@link #renew} in about the length of the lease.
 */
public interface LeaseStore {
  /** {@return who owns the pipeline now} Asked several times a second by every waiting process. */
  Lease lease();

  /**
   * Becomes the owner, and ends what an owner whose lease has expired may still have open in the
   * store.
   *
   * @param owner the new owner's name, not empty; processes have different names
   * @param length how long the lease lasts from now
   * @param seen what {@link #lease} has answered
   * @return the lease; empty if it was not granted
   */
  Optional<Lease> take(String owner, Duration length, Lease seen);

  /**
   * Extends the lease that was granted to this store.
   *
   * @param length how long it lasts from now
   * @throws dev.pgetl.error.EtlException of kind {@code STORE_LOCKED} if it is another owner's
   */
  void renew(Duration length);

  /** Gives the lease back; does nothing if this store has none. */
  void giveBack();

  /**
   * Waits, and notices meanwhile if the session that holds the lease is lost.
   *
   * @param limit how long, at least a millisecond; may be shortened
   * @throws InterruptedException if the thread was interrupted
   */
  void watch(Duration limit) throws InterruptedException;

  /**
   * Does, without any effect, what follows when the lease is granted, so that it is fast then:
   * connects, reads the state, and forgets it. A process that begins to wait calls this a few
   * times, on a thread of its own; what it throws is logged. The default does nothing.
   */
  default void rehearse() {}
}
