package dev.pgetl.it.outages;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.postgres.PostgresDestinationBuilder;
import dev.pgetl.store.postgres.PostgresLayer;
import java.time.Duration;

/**
 * How long everything may take in a run.
 *
 * @param answer for connections, signs of life, and answers of destination and store
 * @param retryDelay before the first retry
 * @param retries in a row, unless the pipeline is to end
 * @param firstRestart the delay before the pipeline starts again for the first time
 * @param restart the longest delay before the pipeline starts again
 * @param stall how long nothing may move until health reports it
 * @param reported within what time an outage has to be reported
 * @param healed within what time after an outage all has to be as before
 */
record Limits(
    Duration answer,
    Duration retryDelay,
    int retries,
    Duration firstRestart,
    Duration restart,
    Duration stall,
    Duration reported,
    Duration healed) {

  /** A question to the source that was sent into a half-open connection is given up after this. */
  private static final Duration QUESTION = Duration.ofSeconds(75);

  /** For the build. */
  static Limits brief() {
    return new Limits(
        Duration.ofSeconds(1),
        Duration.ofMillis(50),
        9,
        Duration.ofMillis(50),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        QUESTION.plusSeconds(15));
  }

  /** What is documented. */
  static Limits defaults() {
    return new Limits(
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        5,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(12),
        Duration.ofMinutes(3));
  }

  private boolean isBrief() {
    return answer.compareTo(Duration.ofSeconds(1)) <= 0;
  }

  PgConnectionConfig connection(PgConnectionConfig.Builder builder) {
    if (isBrief()) {
      builder
          .connectTimeout(answer)
          .statusInterval(Duration.ofMillis(100))
          .walSenderTimeout(answer.multipliedBy(2));
    }
    return builder.build();
  }

  PostgresLayer.Builder layer(PostgresLayer.Builder builder) {
    return isBrief() ? builder.answerTimeout(answer) : builder;
  }

  PostgresDestinationBuilder destination(PostgresDestinationBuilder builder) {
    return isBrief() ? builder.callTimeout(answer) : builder;
  }

  PipelineConfig.Builder pipeline(PipelineConfig.Builder builder, Outage outage) {
    int attempts = outage.fault() == Outage.Fault.GONE && isBrief() ? 2 : retries;
    return builder.tableErrorRetryDelay(retryDelay).tableErrorRetryMaxAttempts(attempts);
  }
}
