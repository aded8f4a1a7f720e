package dev.pgetl.internal.runtime.replica;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.LeaseStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the lease for as long as the engine works: renews it every third of its length, and watches
 * the session that holds it. Owned by one thread.
 */
final class LeaseKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
  private static final int RENEWALS = 3;

  /** How long the end of the engine, or a failure of its stream, may go unnoticed. */
  private static final Duration WATCH = Duration.ofMillis(50);

  /** Whether the store can be reached says nothing more than these. */
  private static final Set<ErrorKind> OF_THE_STORE =
      EnumSet.of(ErrorKind.STORE_UNAVAILABLE, ErrorKind.STORE_CORRUPT);

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final String pipeline;
  private final LeaseConfig config;
  private final LeaseStore store;
  private final Platform platform;
  private long renewAt;
  private long failingSince;
  private boolean failing;
  private boolean lost;

  LeaseKeeper(String pipeline, LeaseConfig config, LeaseStore store, Platform platform) {
    this.pipeline = pipeline;
    this.config = config;
    this.store = store;
    this.platform = platform;
  }

  /** Keeps the lease until the engine has ended. */
  void keep(Term term) throws InterruptedException {
    renewAt = platform.nanos() + interval().toNanos();
    failing = false;
    lost = false;
    while (!term.isOver()) {
      if (term.tenure().isOver()) {
        pause(WATCH.toNanos());
      } else {
        keepOn(term);
        handOverIfDue(term);
      }
    }
  }

  private void keepOn(Term term) throws InterruptedException {
    try {
      if (lost || platform.nanos() - renewAt >= 0) {
        renew(term);
      } else {
        store.watch(WATCH);
      }
    } catch (EtlException e) {
      if (e.kind() == ErrorKind.STORE_LOCKED) {
        LOG.warn("pipeline {} is another process's: {}", pipeline, e.getMessage());
        term.lose();
      } else if (e.kind() == ErrorKind.STORE_CORRUPT) {
        term.fail(e);
      } else {
        suspend(term, e);
      }
    }
  }

  private void renew(Term term) {
    long askedAt = platform.nanos();
    store.renew(config.length());
    term.tenure().renewed(askedAt);
    renewAt = askedAt + interval().toNanos();
    if (lost) {
      lost = false;
      LOG.info("the lease of pipeline {} is renewed: its work continues", pipeline);
    }
  }

  private void suspend(Term term, EtlException cause) throws InterruptedException {
    term.tenure().suspend();
    if (!lost) {
      LOG.warn(
          "the session that holds the lease of pipeline {} is lost; no call of the destination"
              + " begins until the lease is renewed: {}",
          pipeline,
          cause.getMessage());
    } else {
      pause(RETRY_NANOS);
    }
    lost = true;
  }

  /**
   * {@return whether another process has become the owner} A destination that knows of it refuses
   * calls before the lease is known to be lost. While the store is away, the answer is waited for.
   *
   * @param failure what the engine failed with
   * @param ending ends the wait
   */
  boolean isOvertaken(EtlException failure, Latch ending) throws InterruptedException {
    while (true) {
      try {
        store.renew(config.length());
        return false;
      } catch (EtlException e) {
        if (e.kind() == ErrorKind.STORE_LOCKED) {
          return true;
        }
        boolean known = OF_THE_STORE.contains(failure.kind());
        if (known || e.retry() != RetryDirective.TIMED || ending.await(RETRY_NANOS)) {
          return false;
        }
      }
    }
  }

  /** Keeps the lease while the destination closes, if this process has it. */
  void renewWhileClosing() {
    try {
      store.renew(config.length());
    } catch (EtlException | IllegalStateException e) { // the store may be closed before
      LOG.debug("pipeline {} could not renew its lease: {}", pipeline, e.getMessage());
    }
  }

  /** {@return how often it is renewed} */
  Duration interval() {
    return config.length().dividedBy(RENEWALS);
  }

  /** Others cannot see that this process is cut off: its lease is renewed all the time. */
  private void handOverIfDue(Term term) {
    Duration limit = config.handOverAfter().orElse(null);
    if (limit == null || !term.works() || term.isHandedOver()) {
      return;
    }
    FailureStatus failure = term.engine().status().stream().failure().orElse(null);
    if (failure == null || !failure.kind().isTemporary()) {
      failing = false;
    } else if (!failing) {
      failing = true;
      failingSince = platform.nanos();
    } else if (platform.nanos() - failingSince >= limit.toNanos()) {
      LOG.warn(
          "pipeline {} gives its lease back, because its stream has failed for {}: {}",
          pipeline,
          limit,
          failure.message());
      term.handOver();
    }
  }

  private void pause(long nanos) throws InterruptedException {
    boolean unused = new Latch(platform).await(nanos);
  }
}
