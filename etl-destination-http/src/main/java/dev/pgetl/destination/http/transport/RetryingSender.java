package dev.pgetl.destination.http.transport;

import dev.pgetl.destination.http.transport.Outcome.Answered;
import dev.pgetl.destination.http.transport.Outcome.Unanswered;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a request until it has a final answer, or the attempts or the time are used up.
 * Thread-safe.
 */
public final class RetryingSender {
  private static final Logger LOG = LoggerFactory.getLogger(RetryingSender.class);
  private static final int UNAUTHORIZED = 401;

  private final HttpTransport transport;
  private final RequestLimits limits;
  private final RetryRules rules;
  private final TimeSource time;

  /**
   * Creates a sender.
   *
   * @param transport makes the attempts
   * @param limits how long they may take
   * @param rules which are made again
   * @param time measures and draws
   */
  public RetryingSender(
      HttpTransport transport, RequestLimits limits, RetryRules rules, TimeSource time) {
    this.transport = transport;
    this.limits = limits;
    this.rules = rules;
    this.time = time;
  }

  /**
   * The outcome of a request.
   *
   * @param outcome of the last attempt
   * @param doubt about the attempts before it
   */
  public record Result(Outcome outcome, Doubt doubt) {}

  /**
   * Sends.
   *
   * @param call the request
   * @param doubt about attempts in earlier calls
   * @return the outcome
   * @throws InterruptedException if the thread was interrupted; the receiver may or may not have
   *     accepted the request
   * @throws dev.pgetl.error.EtlException what the epoch of the call throws, if it has ended before
   *     an attempt
   */
  public Result send(Call call, Doubt doubt) throws InterruptedException {
    return new Attempts(call, doubt).run();
  }

  /** {@return whether an answer means that the request is worth sending again} */
  private boolean isPassing(Outcome outcome, Doubt doubt) {
    if (outcome instanceof Unanswered unanswered) {
      return !unanswered.distrust();
    }
    Answered answer = (Answered) outcome;
    return rules.statuses().contains(answer.status())
        || doubt.outweighs(answer)
        || (answer.status() == UNAUTHORIZED && transport.hasOtherCredentialsThan(answer.secrets()));
  }

  /** The attempts at one request. Owned by the calling thread. */
  private final class Attempts {
    private final Call call;
    private final long start = time.nanoTime().getAsLong();
    private int made;
    private Doubt doubt;
    private @Nullable Outcome last;
    private Duration nextDelay = Duration.ZERO;

    Attempts(Call call, Doubt doubt) {
      this.call = call;
      this.doubt = doubt;
    }

    Result run() throws InterruptedException {
      RetryConfig config =
          RetryConfig.<Outcome>custom()
              .maxAttempts(rules.maxAttempts())
              .retryOnResult(this::isWorthAnother)
              .retryOnException(thrown -> false)
              .intervalBiFunction((attempt, outcome) -> nextDelay.toMillis())
              .consumeResultBeforeRetryAttempt(this::log)
              .build();
      try {
        Outcome outcome = Retry.of("pgetl-http", config).executeCallable(this::attempt);
        return new Result(outcome, doubt);
      } catch (CancellationException interruptedWhileWaiting) {
        Thread.interrupted();
        throw new InterruptedException();
      } catch (InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private Outcome attempt() throws InterruptedException {
      made++;
      if (last != null && last.isOpen()) {
        doubt = Doubt.THIS_CALL;
      }
      Duration left = limits.total().minus(elapsed());
      Duration limit = left.compareTo(limits.request()) < 0 ? left : limits.request();
      Outcome outcome = transport.attempt(call, limit);
      last = outcome;
      LOG.debug("{}: {}, attempt {}, {} ms so far", call, outcome, made, elapsed().toMillis());
      return outcome;
    }

    /** Decides, and draws the next delay: one that exceeds the time limit ends the attempts. */
    private boolean isWorthAnother(Outcome outcome) {
      if (!isPassing(outcome, doubt)) {
        return false;
      }
      nextDelay = rules.delayAfter(made, time.random().nextDouble());
      Duration wanted = wantedBy(outcome);
      if (wanted.compareTo(nextDelay) > 0) {
        nextDelay = wanted;
      }
      return nextDelay.compareTo(limits.total().minus(elapsed())) < 0
          && wanted.compareTo(rules.maxDelay()) <= 0;
    }

    private Duration wantedBy(Outcome outcome) {
      return outcome instanceof Answered answer && !answer.retryAfter().isEmpty()
          ? RetryAfter.parse(answer.retryAfter(), answer.date(), time.clock().instant())
          : Duration.ZERO;
    }

    private Duration elapsed() {
      return Duration.ofNanos(time.nanoTime().getAsLong() - start);
    }

    private void log(int attempt, Outcome outcome) {
      LOG.warn(
          "{}: {}, attempt {} of {}; retrying in {} ms",
          call,
          outcome,
          attempt,
          rules.maxAttempts(),
          nextDelay.toMillis());
    }
  }
}
