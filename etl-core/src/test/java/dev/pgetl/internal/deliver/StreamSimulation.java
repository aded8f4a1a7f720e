package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A reader and a delivery, each in its own thread, and a history that both are checked against. The
 * reader does what a stream's session does: it adds, offers, waits for room, loses its connection
 * and starts again from what is durable. The history is transactions of changes numbered from 0
 * without a gap; the last change of a transaction is followed by its boundary.
 */
final class StreamSimulation {
  static final int LARGEST_EVENT = 30_000;
  private static final long CHUNK = 64 << 10;

  private final RandomGenerator random;
  private final long budgetLimit;
  private final ByteBudget budget;
  private final OpenBatch batch;
  private final Mailbox mailbox;
  private final CheckedDestination destination;
  private final BatchConfig limits;
  private final long wholeBytes;

  /** {@code ends[t]} is the number of changes in all transactions up to and with {@code t}. */
  private final int[] ends;

  StreamSimulation(RandomGenerator random) {
    this.random = random;
    this.limits =
        BatchConfig.builder()
            .maxSize(random.nextInt(1, 40))
            .maxBytes(random.nextInt(1, 100_000))
            .maxFill(Duration.ofNanos(random.nextBoolean() ? 0 : random.nextInt(1_000_000)))
            .maxAcceptedAge(Duration.ofNanos(random.nextInt(1, 1_000_000)))
            .build();
    this.budgetLimit = random.nextLong(200_000);
    this.budget = new ByteBudget(budgetLimit);
    this.wholeBytes =
        Math.min(random.nextBoolean() ? 0 : random.nextLong(200_000), budgetLimit / 2);
    Reader reader = Reader.of(limits, budget, wholeBytes, Platform.jvm());
    this.batch = reader.batch();
    this.mailbox = reader.mailbox();
    this.ends = new int[random.nextInt(1, 60)];
    int changes = 0;
    for (int i = 0; i < ends.length; i++) {
      changes += random.nextInt(random.nextInt(8) == 0 ? 50 : 5);
      ends[i] = changes;
    }
    this.destination =
        new CheckedDestination(new SplittableRandom(random.nextLong()), ends, wholeBytes);
  }

  void run() throws Exception {
    EventDelivery delivery =
        new EventDelivery(
            destination,
            mailbox,
            destination,
            limits,
            new Backoff(Duration.ofNanos(1), 1_000, new SplittableRandom(1)),
            () -> {},
            new CallGate(Platform.jvm()));
    Background<Boolean> running =
        Background.call(
            () -> {
              delivery.run();
              return true;
            });
    try {
      while (!session()) {
        drain();
      }
      drain();
    } catch (EtlException e) {
      running.result(); // tells why
      throw e;
    } finally {
      mailbox.close();
    }
    assertThat(running.result()).isTrue();
    batch.discard();
    assertThat(budget.used()).as("bytes left in the budget").isZero();
    destination.assertComplete();
  }

  /** {@return whether the whole history was read; false if the connection was lost} */
  private boolean session() throws InterruptedException {
    int transaction = destination.durableTransactions();
    destination.sessionStarts(transaction);
    try {
      for (; transaction < ends.length; transaction++) {
        int begin = transaction == 0 ? 0 : ends[transaction - 1];
        for (int change = begin; change < ends[transaction]; change++) {
          if (random.nextInt(150) == 0) {
            return false;
          }
          add(change);
        }
        batch.boundary(new Lsn(transaction + 1));
        between();
      }
      return true;
    } finally {
      batch.dropOpenTransaction();
    }
  }

  private void add(int change) throws InterruptedException {
    int bytes = random.nextInt(1, random.nextInt(20) == 0 ? LARGEST_EVENT : 500);
    destination.added(change, bytes);
    batch.add(new Event.Begin(new Transaction(new Lsn(change), Instant.EPOCH, 1)), bytes);
    assertThat(budget.used())
        .isLessThan(budgetLimit + CHUNK + 2 * (ByteBudget.SMALL + LARGEST_EVENT + wholeBytes));
    if (batch.isFull()) {
      batch.offer();
      while (!batch.awaitRoom(random.nextInt(1, 1_000_000))) {
        Thread.onSpinWait();
      }
    } else if (batch.isDue()) {
      batch.offer();
    }
  }

  /** Nothing to read for a moment, or not. */
  private void between() {
    switch (random.nextInt(8)) {
      case 0 -> batch.offer();
      case 1 -> {
        batch.offer();
        Thread.onSpinWait();
        batch.checkDelivery();
      }
      case 2 -> mailbox.hurry();
      default -> {
        // the next message is there already
      }
    }
  }

  private void drain() throws InterruptedException, EtlException {
    while (!mailbox.drain(random.nextInt(1, 1_000_000))) {
      Thread.onSpinWait();
    }
  }
}
