package dev.pgetl.spring.actuate;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.contributor.Status;

/**
 * The worst status by an order, with {@code DEGRADED} in it. Statuses that are not in the order do
 * not count. Spring Boot's own class is another one in 4.0 than in 4.1. Immutable.
 */
final class StatusOrder implements StatusAggregator {
  static final List<String> DEFAULT =
      List.of("DOWN", "OUT_OF_SERVICE", "DEGRADED", "UP", "UNKNOWN");

  private final List<String> order;

  /**
   * Creates an order.
   *
   * @param order the codes, the worst first; case and punctuation do not matter
   */
  StatusOrder(List<String> order) {
    this.order = order.stream().map(StatusOrder::letters).toList();
  }

  @Override
  public Status getAggregateStatus(Set<Status> statuses) {
    return statuses.stream()
        .filter(status -> rank(status) >= 0)
        .min(Comparator.comparingInt(this::rank))
        .orElse(Status.UNKNOWN);
  }

  private int rank(Status status) {
    return order.indexOf(letters(status.getCode()));
  }

  private static String letters(String code) {
    return code.replaceAll("[^A-Za-z]", "").toLowerCase(Locale.ROOT);
  }
}
