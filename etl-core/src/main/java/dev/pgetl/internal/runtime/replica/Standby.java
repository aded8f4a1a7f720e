package dev.pgetl.internal.runtime.replica;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.LeaseStore;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a process that waits takes the lease. It takes one that is in use only after it has
 * expired. It takes one that has not expired only if no process uses the store and none acts on the
 * source: then the owner was killed. Owned by one thread at a time; {@link #seen} is for any.
 */
final class Standby {
  /** After the store was away the owner has this part of a lease to renew it. */
  private static final int PATIENCE = 3;

  private final PipelineConfig config;
  private final LeaseConfig lease;
  private final LeaseStore store;
  private final Supplier<SourceDatabase> sources;
  private final Predicate<String> slots;
  private final Ticker ticker;
  private volatile Lease seen = Lease.NONE;
  private boolean inContact;
  private long contactSince;
  private boolean sourceTaken;
  private @Nullable SourceDatabase source;

  /**
   * What a tenure begins with.
   *
   * @param tenure the tenure
   * @param source the source, which no process acts on any more, or soon
   */
  record Taken(Tenure tenure, SourceDatabase source) {}

  /**
   * Creates it; nothing is connected yet.
   *
   * @param sources makes a source for each tenure
   * @param slots answers whether a slot is the pipeline's
   */
  Standby(
      PipelineConfig config,
      LeaseConfig lease,
      LeaseStore store,
      Supplier<SourceDatabase> sources,
      Predicate<String> slots,
      Ticker ticker) {
    this.config = config;
    this.lease = lease;
    this.store = store;
    this.sources = sources;
    this.slots = slots;
    this.ticker = ticker;
  }

  /** {@return the lease as it was seen last} */
  Lease seen() {
    return seen;
  }

  /** Looks who owns the pipeline. */
  Lease look() {
    boolean answered = false;
    try {
      Lease now = store.lease();
      seen = now;
      if (!inContact) {
        contactSince = ticker.nanos();
      }
      answered = true;
      return now;
    } finally {
      inContact = answered;
    }
  }

  /** {@return who owns the pipeline, as far as that can be known now} */
  String owner() {
    try {
      return look().owner();
    } catch (EtlException e) {
      return seen.owner();
    }
  }

  /**
   * Looks who owns the pipeline, and takes it if its turn has come.
   *
   * @return what was taken; null if others own it
   */
  @Nullable Taken tryTake() {
    sourceTaken = false;
    Lease now = look();
    if (!now.isGrantable()) {
      release();
      return null;
    }
    SourceDatabase reached = source == null ? sources.get() : source;
    source = reached;
    sourceTaken = reached.isTaken(slots);
    if (!isTurn(now)) {
      return null;
    }
    long askedAt = ticker.nanos();
    Optional<Lease> granted = store.take(lease.owner(), lease.length(), now);
    if (granted.isEmpty()) {
      return null;
    }
    seen = granted.get();
    source = null;
    Tenure tenure =
        new Tenure(config.id(), seen.epoch(), now.isExpired(), lease.length(), askedAt, ticker);
    reached.under(tenure);
    return new Taken(tenure, reached);
  }

  /** A source that cannot be reached has thrown before: who cannot act does not take over. */
  private boolean isTurn(Lease now) {
    if (!now.inUse() && !sourceTaken) {
      return true;
    }
    long patience = lease.length().dividedBy(PATIENCE).toNanos();
    return now.isExpired() && ticker.nanos() - contactSince >= patience;
  }

  /** {@return whether a session acted for the pipeline on the source when it could be taken} */
  boolean isSourceTaken() {
    return sourceTaken;
  }

  /** Closes what it has opened to look at the source. */
  void release() {
    SourceDatabase opened = source;
    source = null;
    if (opened != null) {
      opened.close();
    }
  }
}
