package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SharedDestinationTest {
  private final RecordingDestination target = new RecordingDestination();
  private final SharedDestination shared = new SharedDestination(target);

  @Test
  void servesOneStartAfterTheOtherAndIsNotClosedByAny() {
    for (int start = 0; start < 2; start++) {
      Destination destination = shared.forOneStart();
      destination.startup();
      destination.close();
      assertThat(destination.name()).isEqualTo(target.name());
      assertThat(Set.of(destination)).contains(destination).doesNotContain(shared.forOneStart());
    }
    assertThat(target.calls()).extracting(call -> call.operation()).containsOnly(Operation.STARTUP);
  }

  /** The pipeline looks inside for transforms and a quarantine. */
  @Test
  void namesWhatItPassesCallsOnTo() {
    assertThat(shared.forOneStart().wrapped()).containsSame(target);
  }

  @Test
  void throwsWhatTheTargetThrows() {
    EtlException failure = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "it is away");
    target.on(Operation.EVENTS).rejectWith(() -> failure);
    Destination destination = shared.forOneStart();
    assertThatThrownBy(() -> destination.writeEvents(List.of())).isSameAs(failure);
  }

  @Test
  void theNextStartWaitsForCallsThatHang() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    SharedDestination hanging = new SharedDestination(new Hanging(inside, leave));
    Thread caller = new Thread(hanging.forOneStart()::flush);
    caller.start();
    inside.await();

    assertThatThrownBy(hanging::forOneStart)
        .isInstanceOfSatisfying(
            EtlException.class,
            e -> assertThat(e.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE));

    leave.countDown();
    caller.join();
    assertThat(hanging.forOneStart()).isNotNull();
  }

  private static final class Hanging extends TakingDestination {
    private final CountDownLatch inside;
    private final CountDownLatch leave;

    Hanging(CountDownLatch inside, CountDownLatch leave) {
      this.inside = inside;
      this.leave = leave;
    }

    @Override
    public void flush() {
      inside.countDown();
      try {
        leave.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
