package dev.pgetl.internal.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.observe.FailureStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starts, restarts and the end, with pipelines that do what the test says. */
class PipelineKeeperTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofMillis(1);
  private static final Duration NEVER = Duration.ofDays(1);
  private final EtlException away =
      new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "the source is away");
  private final EtlException forbidden =
      new EtlException(ErrorKind.SOURCE_PERMISSION, "the role may not");

  private final BlockingQueue<ScriptedLife> coming = new LinkedBlockingQueue<>();
  private final List<ScriptedLife> opened = new CopyOnWriteArrayList<>();
  private PipelineKeeper keeper = keeper(SOON, SOON);

  private PipelineKeeper keeper(Duration first, Duration longest) {
    return keeper(this::next, first, longest);
  }

  private static PipelineKeeper keeper(Opening opening, Duration first, Duration longest) {
    Restarts restarts = new Restarts(first, longest, new Random(42));
    return new PipelineKeeper("kept", opening, restarts, Platform.jvm());
  }

  private ScriptedLife next() {
    try {
      ScriptedLife next = coming.take();
      opened.add(next);
      return next;
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private ScriptedLife comes() {
    return comes(new ScriptedLife(null));
  }

  private ScriptedLife comes(ScriptedLife life) {
    coming.add(life);
    return life;
  }

  private static void awaitOpen(Latch latch) throws InterruptedException {
    assertThat(latch.await(Ticker.nanos(LIMIT))).isTrue();
  }

  private FailureStatus awaitFailure(int attempt) {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              FailureStatus failure = keeper.view().failure();
              return failure != null && failure.attempt() == attempt;
            });
    return Objects.requireNonNull(keeper.view().failure());
  }

  @AfterEach
  void end() throws InterruptedException {
    keeper.shutdown();
    assertThat(keeper.awaitEnd(Ticker.nanos(LIMIT))).isTrue();
    assertThat(opened).allSatisfy(life -> assertThat(life.closed.isOpen()).isTrue());
  }

  @Test
  void startsAnotherOneAfterAFailure() throws InterruptedException {
    ScriptedLife first = comes();
    ScriptedLife second = comes();
    keeper.start();
    awaitOpen(first.started);

    first.fail(away);

    awaitOpen(second.started);
    assertThat(first.closed.isOpen()).as("closed before the next one is made").isTrue();
    await().until(() -> keeper.view().failure() == null);
    assertThat(keeper.view().starts()).isEqualTo(2);
  }

  @Test
  void startsAnotherOneIfOneCannotStart() throws InterruptedException {
    comes(new ScriptedLife(away));
    comes(new ScriptedLife(away));
    ScriptedLife third = comes();
    keeper.start();

    awaitOpen(third.started);
    assertThat(keeper.view().starts()).isEqualTo(3);
  }

  @Test
  void saysSinceWhenItFailsAndWhenItStartsAgain() {
    comes(new ScriptedLife(away));
    keeper = keeper(SOON, NEVER);
    keeper.start();
    FailureStatus once = awaitFailure(1);
    comes(new ScriptedLife(forbidden));

    FailureStatus twice = awaitFailure(2);

    assertThat(twice.kind()).isEqualTo(ErrorKind.SOURCE_PERMISSION);
    assertThat(twice.since()).isEqualTo(once.since());
    assertThat(twice.nextTry()).isAfter(twice.since().plus(Duration.ofHours(23)));
  }

  @Test
  void isStartedAgainAtOnceWhenItIsAsked() throws InterruptedException {
    comes(new ScriptedLife(new EtlException(ErrorKind.CONFIGURATION, "a contradiction")));
    keeper = keeper(NEVER, NEVER);
    keeper.start();
    assertThat(awaitFailure(1).nextTry()).isNull();
    ScriptedLife second = comes();

    keeper.restart();

    awaitOpen(second.started);
  }

  @Test
  void waitsForReadinessThroughRestarts() throws Exception {
    ScriptedLife first = comes();
    ScriptedLife second = comes();
    keeper.start();
    FutureTask<Boolean> answer = new FutureTask<>(() -> keeper.awaitReady(LIMIT));
    new Thread(answer, "waiting").start();
    awaitOpen(first.started);

    first.fail(away);
    awaitOpen(second.started);
    second.ready.open();

    assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void doesNotWaitForManualIntervention() {
    comes(new ScriptedLife(forbidden));
    keeper = keeper(SOON, NEVER);
    keeper.start();

    assertThat(catchThrowableOfType(EtlException.class, () -> keeper.awaitReady(LIMIT)))
        .isSameAs(forbidden);
  }

  @Test
  void whatEndedAsAskedIsNotStartedAgain() throws InterruptedException {
    ScriptedLife first = comes();
    keeper.start();
    awaitOpen(first.started);

    first.shutdown();

    assertThat(keeper.awaitEnd(Ticker.nanos(LIMIT))).isTrue();
    assertThat(keeper.view().ended()).isTrue();
    assertThat(keeper.awaitReady(LIMIT)).isFalse();
  }

  @Test
  void endsWhileAFactoryHangs() throws InterruptedException {
    keeper.start(); // nothing comes
    await().until(() -> keeper.view().starts() == 1);

    keeper.shutdown();

    assertThat(keeper.awaitEnd(Ticker.nanos(LIMIT))).isTrue();
  }

  @Test
  void opensNothingOnceItIsAskedToEnd() throws InterruptedException {
    ScriptedLife unopened = comes();

    keeper.shutdown();
    keeper.start();

    assertThat(keeper.awaitEnd(Ticker.nanos(LIMIT))).isTrue();
    assertThat(coming).containsExactly(unopened);
    assertThat(keeper.awaitReady(LIMIT)).isFalse();
  }

  @Test
  void aFactoryThatFailsIsAskedAgain() throws InterruptedException {
    ScriptedLife good = new ScriptedLife(null);
    int[] calls = {0};
    keeper =
        keeper(
            () -> {
              if (calls[0]++ < 2) {
                throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "no store");
              }
              return good;
            },
            SOON,
            SOON);
    keeper.start();

    awaitOpen(good.started);
    assertThat(keeper.view().starts()).isEqualTo(3);
  }
}
