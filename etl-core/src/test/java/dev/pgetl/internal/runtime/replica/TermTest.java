package dev.pgetl.internal.runtime.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.UnusedDestination;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.PlainStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows the end of a term. */
@Timeout(30)
class TermTest {
  private static final Platform PLATFORM = Platform.jvm();

  private ErrorKind kind = ErrorKind.SOURCE_BUSY;
  private boolean closed;

  private Term term(boolean first) {
    PipelineConfig config =
        PipelineConfig.builder(
                "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
            .build();
    PipelineContext context =
        new PipelineContext(
            config,
            new PlainStore(),
            new UnusedDestination(),
            new PipelineListener() {},
            new FailingSource(),
            () -> {
              throw new UnsupportedOperationException();
            },
            PLATFORM);
    Tenure tenure =
        new Tenure("shop", 3, false, Duration.ofSeconds(10), PLATFORM.nanos(), PLATFORM);
    return new Term(tenure, new PipelineEngine(context), first, new Decision(PLATFORM));
  }

  private static void assertFails(Term term) {
    assertThatExceptionOfType(EtlException.class).isThrownBy(term::start);
    assertThat(term.isOver()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorKind.class,
      names = {"SOURCE_BUSY", "SOURCE_UNAVAILABLE", "DESTINATION_UNAVAILABLE", "STORE_UNAVAILABLE"})
  void aStartAfterATakeoverIsRepeatedIfItsFailureMayPass(ErrorKind passing) {
    kind = passing;
    Term term = term(false);
    assertFails(term);
    assertThat(term.mayBeRepeated()).isTrue();
    assertThat(term.isLost()).isFalse();
  }

  @Test
  void otherStartsAreNotRepeated() {
    Term first = term(true);
    assertFails(first);
    assertThat(first.mayBeRepeated()).isFalse();
    kind = ErrorKind.SOURCE_PERMISSION;
    Term refused = term(false);
    assertFails(refused);
    assertThat(refused.mayBeRepeated()).isFalse();
  }

  @Test
  void aStartThatFailedHasNotEndedThePipelineYet() {
    Term term = term(false);
    assertFails(term);
    PipelineStatus status = term.status(State.STARTING, null, List.of());
    assertThat(status.state()).isEqualTo(State.STARTING);
    assertThat(status.failure()).isPresent();
    assertThat(term.status(State.FAILED, null, List.of()).state()).isEqualTo(State.FAILED);
  }

  @Test
  void whatIsAskedToEndBeforeItsStartClosesItsSource() {
    Term term = term(true);
    term.engine().shutdown();
    assertThat(closed).isTrue();
    term.start();
    assertThat(term.failure()).isNull();
  }

  @Test
  void aLeaseThatCannotBeKeptIsAFailureAndNoLoss() {
    Term term = term(false);
    term.fail(new EtlException(ErrorKind.STORE_CORRUPT, "removed"));
    assertThat(term.isOver()).isTrue();
    assertThat(term.isLost()).isFalse();
    assertThat(term.mayBeRepeated()).isFalse();
    assertThat(term.failure()).isNotNull();
  }

  @Test
  void theFirstDecisionCounts() {
    Term term = term(true);
    term.decision().make(false);
    term.decision().make(true);
    assertThat(term.decision().awaitFailed()).isFalse();
  }

  /** Cannot be reached, in one way or another. */
  private final class FailingSource extends UnusedSource {
    @Override
    public void check(String publication, String applySlot, int slotsNeeded, boolean atOnce) {
      throw new EtlException(kind, "check");
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
