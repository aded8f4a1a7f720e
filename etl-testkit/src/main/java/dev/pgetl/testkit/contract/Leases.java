package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The steps of the tests of leases. */
final class Leases {
  /** A lease that does not expire during a test. */
  static final Duration LONG = Duration.ofMinutes(1);

  /** A lease that a test waits for. */
  static final Duration SHORT = Duration.ofMillis(200);

  private Leases() {}

  /** {@return the lease once it has expired} */
  static Lease expired(LeaseStore store) {
    return await("the lease expires").until(store::lease, Lease::isExpired);
  }

  static void assertLost(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
  }

  /** The first call after the loss may only find that its session has ended. */
  static void sessionMayBeLost(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            EtlException.class,
            e -> assertThat(e.kind()).isIn(ErrorKind.STORE_LOCKED, ErrorKind.STORE_UNAVAILABLE));
  }

  static void watch(LeaseStore store) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (System.nanoTime() - until < 0) {
      store.watch(Duration.ofMillis(50));
    }
  }

  static void assertQuiet(LeaseStore store) {
    try {
      store.watch(Duration.ofMillis(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
