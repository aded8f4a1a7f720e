package dev.pgetl.it.connect;

import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is retried. */
final class Retries implements PipelineListener {
  private final List<EtlException> failures = new CopyOnWriteArrayList<>();

  @Override
  public void onRetry(EtlException failure, int attempt, Duration delay) {
    failures.add(failure);
  }

  List<EtlException> failures() {
    return failures;
  }

  /** {@return whether a failure whose message contains a text is retried} */
  boolean saw(String text) {
    return failures.stream().anyMatch(failure -> failure.getMessage().contains(text));
  }
}
