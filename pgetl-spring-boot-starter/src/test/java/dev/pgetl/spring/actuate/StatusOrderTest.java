package dev.pgetl.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class StatusOrderTest {
  private static final Status DEGRADED = new Status("DEGRADED");
  private static final Status OTHER = new Status("OTHER");

  @Test
  void degradedIsWorseThanUpAndBetterThanDown() {
    StatusOrder order = new StatusOrder(StatusOrder.DEFAULT);
    assertThat(order.getAggregateStatus(Status.UP, DEGRADED)).isEqualTo(DEGRADED);
    assertThat(order.getAggregateStatus(DEGRADED, Status.DOWN)).isEqualTo(Status.DOWN);
    assertThat(order.getAggregateStatus(DEGRADED, Status.OUT_OF_SERVICE))
        .isEqualTo(Status.OUT_OF_SERVICE);
    assertThat(order.getAggregateStatus(Status.UNKNOWN, Status.UP)).isEqualTo(Status.UP);
  }

  @Test
  void followsTheApplicationsOrderAsSpringBootDoes() {
    StatusOrder order = new StatusOrder(List.of("out-of-service", "other", "down"));
    assertThat(order.getAggregateStatus(OTHER, Status.DOWN)).isEqualTo(OTHER);
    assertThat(order.getAggregateStatus(OTHER, Status.OUT_OF_SERVICE))
        .isEqualTo(Status.OUT_OF_SERVICE);
    assertThat(order.getAggregateStatus(Status.UP)).as("not in it").isEqualTo(Status.UNKNOWN);
  }
}
