package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AsideTest {
  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final Aside aside =
      new Aside(new Worker.Factory("shop", Platform.jvm(), unexpected::add), "apply-aside");
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void release() {
    released.countDown();
    assertThat(unexpected).isEmpty();
    boolean unused = Thread.interrupted();
  }

  /** A call that returns once it is released. */
  private String hang() {
    try {
      released.await();
      return Thread.currentThread().getName();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void givesTheAnswerOfACallOnAThreadOfItsOwn() {
    assertThat(aside.call("ask", () -> Thread.currentThread().getName(), () -> true))
        .isEqualTo("etl-shop-apply-aside");
  }

  @Test
  void theCallerDoesOtherThingsMeanwhile() {
    AtomicInteger times = new AtomicInteger();

    String answer =
        aside.call(
            "ask",
            this::hang,
            () -> {
              if (times.incrementAndGet() == 3) {
                released.countDown();
              }
              return true;
            });

    assertThat(answer).isEqualTo("etl-shop-apply-aside");
    assertThat(times.get()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void throwsWhatTheCallThrew() {
    EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");

    assertThatThrownBy(
            () ->
                aside.call(
                    "ask",
                    () -> {
                      throw away;
                    },
                    () -> true))
        .isSameAs(away);
  }

  @Test
  void doesNotWaitForAnAnswerThatIsNotWantedAnyMore() {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> aside.call("look up type 7", this::hang, () -> false))
        .returns(ErrorKind.INTERNAL, EtlException::kind)
        .withMessageContaining("stopped while waiting: look up type 7");
  }

  @Test
  void anInterruptionEndsTheWaitingAndIsKept() {
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> aside.call("look up type 7", this::hang, () -> true))
        .returns(ErrorKind.INTERNAL, EtlException::kind);

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }
}
