package dev.pgetl.benchmarks.workload;

import java.time.Duration;

/** How clients reach the server. */
enum Way {
  /** On the same machine. */
  DIRECT,
  /** On the same machine, encrypted; the certificate is checked. */
  TLS,
  /** Through a proxy that adds a round trip of a millisecond. */
  ONE_MILLISECOND,
  /** Through a proxy that adds a round trip of twenty. */
  TWENTY_MILLISECONDS;

  /** {@return the round trip that is added} */
  Duration roundTrip() {
    return switch (this) {
      case DIRECT, TLS -> Duration.ZERO;
      case ONE_MILLISECOND -> Duration.ofMillis(1);
      case TWENTY_MILLISECONDS -> Duration.ofMillis(20);
    };
  }
}
