package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  /** What a share reserves at a time. */
  private static final long CHUNK = 64 << 10;

  @Test
  void grantsEverythingAndSaysWhenItIsTooMuch() {
    ByteBudget budget = new ByteBudget(3 * CHUNK);
    ByteBudget.Share share = budget.open();

    assertThat(share.take(CHUNK)).isTrue();
    assertThat(share.take(CHUNK)).isTrue();
    assertThat(share.take(CHUNK)).isFalse();
    assertThat(budget.used()).isGreaterThanOrEqualTo(3 * CHUNK);
  }

  @Test
  void grantsAMessageLargerThanItself() {
    ByteBudget budget = new ByteBudget(CHUNK);

    assertThat(budget.open().take(10 * CHUNK)).isFalse();
    assertThat(budget.used()).isBetween(10 * CHUNK, 11 * CHUNK);
  }

  @Test
  void hasRoomAgainOnceBytesAreGivenBack() {
    ByteBudget budget = new ByteBudget(2 * CHUNK);
    ByteBudget.Share share = budget.open();
    share.take(2 * CHUNK);

    budget.giveBack(2 * CHUNK);

    assertThat(share.take(1)).isTrue();
  }

  @Test
  void countsAllSharesTogether() {
    ByteBudget budget = new ByteBudget(3 * CHUNK);
    budget.open().take(2 * CHUNK);

    assertThat(budget.open().take(CHUNK)).isFalse();
  }

  @Test
  void neverCountsLessThanWasTaken() {
    ByteBudget budget = new ByteBudget(Long.MAX_VALUE);
    ByteBudget.Share share = budget.open();
    long taken = 0;
    for (int i = 0; i < 10_000; i++) {
      share.take(i);
      taken += i;
      assertThat(budget.used()).isBetween(taken, taken + CHUNK);
    }
  }

  @Test
  void holdsNothingOnceAllIsGivenBackAndSharesAreClosed() {
    ByteBudget budget = new ByteBudget(CHUNK);
    ByteBudget.Share one = budget.open();
    ByteBudget.Share other = budget.open();
    one.take(100);
    other.take(5 * CHUNK);

    budget.giveBack(100);
    one.close();
    other.close();
    budget.giveBack(5 * CHUNK);
    one.close();

    assertThat(budget.used()).isZero();
  }

  @Test
  void holdsNothingAfterManyThreadsTookAndGaveBack() throws InterruptedException {
    ByteBudget budget = new ByteBudget(CHUNK);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(new Thread(() -> takeAndGiveBack(budget)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(budget.used()).isZero();
  }

  private static void takeAndGiveBack(ByteBudget budget) {
    ByteBudget.Share share = budget.open();
    for (int i = 0; i < 20_000; i++) {
      share.take(i);
      budget.giveBack(i);
    }
    share.close();
  }
}
