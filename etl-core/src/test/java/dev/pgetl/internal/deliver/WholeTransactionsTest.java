package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.event.Event;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Transactions of at most 100,000 bytes are offered whole; an event has 1,000. */
class WholeTransactionsTest {
  private static final long WHOLE_BYTES = 100_000;

  private final ManualPlatform platform = new ManualPlatform(0);
  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final Reader reader =
      reader(BatchConfig.builder().maxSize(10).maxBytes(10_000).maxFill(Duration.ofSeconds(1)));
  private final OpenBatch batch = reader.batch();
  private final Mailbox mailbox = reader.mailbox();

  private Reader reader(BatchConfig.Builder limits) {
    return Reader.of(limits.build(), budget, WHOLE_BYTES, platform);
  }

  private void add(long commit, int events) {
    for (int i = 0; i < events; i++) {
      batch.add(begin(commit), 1_000);
    }
  }

  private void commit(long commit, int events) {
    add(commit, events);
    batch.boundary(new Lsn(commit + 1));
  }

  private EventBatch take() throws InterruptedException {
    platform.advance(Duration.ofSeconds(1));
    return Objects.requireNonNull(mailbox.take(0, () -> false));
  }

  private static List<Event> begins(long... commits) {
    return Arrays.stream(commits).mapToObj(SampleEvents::begin).toList();
  }

  @Test
  void anOpenTransactionIsNotOffered() throws InterruptedException {
    add(1, 2);
    batch.offer();
    platform.advance(Duration.ofSeconds(1));
    assertThat(mailbox.take(0, () -> false)).isNull();

    commit(1, 1);
    batch.offer();

    EventBatch taken = take();
    assertThat(taken.events()).isEqualTo(begins(1, 1, 1));
    assertThat(taken.bytes()).isEqualTo(3_000);
    assertThat(taken.boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void completeTransactionsGoTogetherAndTheOpenOneLater() throws InterruptedException {
    commit(1, 1);
    commit(2, 2);
    add(3, 1);
    batch.offer();
    add(3, 1);

    EventBatch taken = take();
    assertThat(taken.events()).isEqualTo(begins(1, 2, 2));
    assertThat(taken.bytes()).isEqualTo(3_000);
    assertThat(taken.boundary()).isEqualTo(new Lsn(3));
    mailbox.done(true);

    commit(3, 1);
    batch.offer();
    taken = take();
    assertThat(taken.events()).isEqualTo(begins(3, 3, 3));
    assertThat(taken.bytes()).isEqualTo(3_000);
    assertThat(taken.boundary()).isEqualTo(new Lsn(4));
  }

  @Test
  void aTransactionMayBeLargerThanABatch() throws InterruptedException {
    add(1, 99);
    assertThat(batch.isFull()).isFalse();
    commit(1, 0);
    assertThat(batch.isFull()).isTrue();
    batch.offer();

    assertThat(take().size()).isEqualTo(99);
  }

  @Test
  void aFullBatchWaitsForRoomBesideAnOpenTransaction() throws InterruptedException {
    commit(1, 9);
    add(2, 20);
    assertThat(batch.isFull()).isFalse();
    commit(2, 0);
    add(3, 1);
    assertThat(batch.isFull()).isTrue();
    assertThat(batch.awaitRoom(1)).isFalse();

    assertThat(take().size()).isEqualTo(29);

    assertThat(batch.awaitRoom(0)).isTrue();
    assertThat(batch.isFull()).isFalse();
  }

  @Test
  void aLargerTransactionIsDivided() throws InterruptedException {
    add(1, 99);
    batch.offer();
    assertThat(mailbox.take(0, () -> false)).isNull();
    add(1, 1);
    assertThat(batch.isFull()).isTrue();
    batch.offer();
    EventBatch part = take();
    assertThat(part.size()).isEqualTo(100);
    assertThat(part.boundary()).isNull();
    mailbox.done(true);

    add(1, 5);
    batch.offer();
    assertThat(take().size()).isEqualTo(5);
    mailbox.done(true);

    commit(1, 3);
    add(2, 1);
    batch.offer();
    EventBatch rest = take();
    assertThat(rest.size()).isEqualTo(3);
    assertThat(rest.boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void theRestOfADividedTransactionFillsBatchesAsUsual() {
    add(1, 100);
    batch.offer();
    add(1, 1);

    assertThat(batch.isFull()).isTrue();
  }

  @Test
  void theNextTransactionIsWholeAgainAfterAReconnect() throws InterruptedException {
    add(1, 100);
    batch.offer();
    assertThat(take().size()).isEqualTo(100);
    mailbox.done(true);

    batch.dropOpenTransaction();

    add(1, 1);
    batch.offer();
    assertThat(mailbox.take(0, () -> false)).isNull();
  }

  @Test
  void anOpenTransactionMayUseUpTheBudget() throws InterruptedException {
    assertThat(budget.open().take(2 << 20)).isFalse();
    add(1, 70);
    assertThat(batch.isFull()).isFalse();

    commit(1, 0);

    assertThat(batch.isFull()).isTrue();
  }

  @Test
  void noTransactionIsLargerThanHalfTheBudget() throws InterruptedException {
    ByteBudget small = new ByteBudget(20_000);
    Reader bounded =
        Reader.of(BatchConfig.builder().maxSize(1).build(), small, WHOLE_BYTES, platform);
    for (int i = 0; i < 9; i++) {
      bounded.batch().add(begin(1), 1_000);
    }
    assertThat(bounded.batch().isFull()).isFalse();

    bounded.batch().add(begin(1), 1_000);

    assertThat(bounded.batch().isFull()).isTrue();
  }

  @Test
  void anOpenTransactionIsDropped() throws InterruptedException {
    commit(1, 1);
    add(2, 3);
    batch.offer();
    add(2, 3);

    batch.dropOpenTransaction();

    assertThat(take().events()).isEqualTo(begins(1));
    mailbox.done(true);
    commit(2, 1);
    batch.dropOpenTransaction();
    assertThat(take().events()).isEqualTo(begins(2));
    mailbox.done(true);
    batch.discard();
    assertThat(budget.used()).isZero();
  }

  @Test
  void theOpenTransactionKeepsTheReaderFromNoEnd() throws InterruptedException {
    add(1, 3);
    batch.offer();
    assertThat(mailbox.drain(0)).isTrue();

    batch.discard();

    assertThat(budget.used()).isZero();
  }
}
