package dev.pgetl.internal.runtime.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.LeaseStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether a failure may be another owner's doing is asked of the store. */
@Timeout(30)
class LeaseKeeperTest {
  private final EtlException refused =
      new EtlException(ErrorKind.DESTINATION_REJECTED, "an older epoch");

  private final Latch ending = new Latch(Platform.jvm());

  private static LeaseKeeper keeper(Answers answers) {
    return new LeaseKeeper("it", LeaseConfig.builder().build(), answers, Platform.jvm());
  }

  @Test
  void aRefusalOfAnOwnerIsAFailure() throws InterruptedException {
    assertThat(keeper(new Answers()).isOvertaken(refused, ending)).isFalse();
  }

  @Test
  void aRefusalOfAnEarlierOwnerIsALoss() throws InterruptedException {
    Answers answers = new Answers(ErrorKind.STORE_LOCKED);
    assertThat(keeper(answers).isOvertaken(refused, ending)).isTrue();
  }

  @Test
  void theAnswerIsWaitedForWhileTheStoreIsAway() throws InterruptedException {
    Answers answers =
        new Answers(
            ErrorKind.STORE_UNAVAILABLE, ErrorKind.STORE_UNAVAILABLE, ErrorKind.STORE_LOCKED);
    assertThat(keeper(answers).isOvertaken(refused, ending)).isTrue();
  }

  @Test
  void aFailureOfTheStoreIsNotWaitedFor() throws InterruptedException {
    Answers answers = new Answers(ErrorKind.STORE_UNAVAILABLE, ErrorKind.STORE_LOCKED);
    EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
    assertThat(keeper(answers).isOvertaken(away, ending)).isFalse();
  }

  @Test
  void theEndOfThePipelineEndsTheWait() throws InterruptedException {
    Answers answers = new Answers(ErrorKind.STORE_UNAVAILABLE, ErrorKind.STORE_LOCKED);
    ending.open();
    assertThat(keeper(answers).isOvertaken(refused, ending)).isFalse();
  }

  @Test
  void closingDoesNotFailWithoutALease() {
    LeaseKeeper keeper = keeper(new Answers(ErrorKind.STORE_LOCKED));
    assertThatCode(keeper::renewWhileClosing).doesNotThrowAnyException();
  }

  /** A store that fails renewals as the test asks, and grants them afterwards. */
  private static final class Answers implements LeaseStore {
    private final Deque<ErrorKind> failures;

    Answers(ErrorKind... failures) {
      this.failures = new ArrayDeque<>(List.of(failures));
    }

    @Override
    public Lease lease() {
      return Lease.NONE;
    }

    @Override
    public Optional<Lease> take(String owner, Duration length, Lease seen) {
      return Optional.empty();
    }

    @Override
    public void renew(Duration length) {
      ErrorKind kind = failures.poll();
      if (kind != null) {
        throw new EtlException(kind, "renew");
      }
    }

    @Override
    public void giveBack() {}

    @Override
    public void watch(Duration limit) {}
  }
}
