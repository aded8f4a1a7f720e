package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A destination and store in one, out of order at random, that finds whatever is lost, reordered,
 * delivered twice without a reason, or remembered too early. Called by the delivery's thread, but
 * for the methods of the reader.
 */
final class CheckedDestination implements Destination, DeliveryListener {
  private final RandomGenerator random;
  private final int[] ends;
  private final int[] sizes;
  private final long wholeBytes;
  private final Object lock = new Object();

  private final BitSet accepted = new BitSet();
  private final BitSet durable = new BitSet();
  private int next;
  private int sessionStart;
  private boolean sessionBegins = true;
  private @Nullable List<Event> failed;
  private @Nullable EtlException announced;
  private Lsn remembered = Lsn.ZERO;

  CheckedDestination(RandomGenerator random, int[] ends, long wholeBytes) {
    this.random = random;
    this.ends = ends.clone();
    this.sizes = new int[ends[ends.length - 1]];
    this.wholeBytes = wholeBytes;
  }

  /** The reader adds a change. */
  void added(int change, int bytes) {
    synchronized (lock) {
      sizes[change] = bytes;
    }
  }

  /** The reader starts (again) behind so many transactions. */
  void sessionStarts(int transactions) {
    synchronized (lock) {
      sessionStart = transactions == 0 ? 0 : ends[transactions - 1];
      sessionBegins = true;
    }
  }

  /** {@return how many transactions are remembered as durable} */
  int durableTransactions() {
    synchronized (lock) {
      return (int) remembered.value();
    }
  }

  void assertComplete() {
    synchronized (lock) {
      assertThat(durable.nextClearBit(0)).isEqualTo(ends[ends.length - 1]);
      assertThat(remembered).isEqualTo(new Lsn(ends.length));
      assertThat(announced).as("a failure that nobody tried again").isNull();
    }
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    synchronized (lock) {
      assertThat(events).isNotEmpty();
      requireEnd(change(events.get(events.size() - 1)));
      if (failed != null) {
        assertThat(events).as("the same call again").isEqualTo(failed);
      }
      if (random.nextInt(10) == 0) {
        throw fail(events);
      }
      failed = null;
      WriteResult result = random.nextBoolean() ? WriteResult.ACCEPTED : WriteResult.DURABLE;
      events.forEach(event -> receive(event, result));
      return result;
    }
  }

  private static int change(Event event) {
    return (int) event.transaction().commitLsn().value();
  }

  /** A call ends with a transaction, unless that is a large one. */
  private void requireEnd(int last) {
    int begin = 0;
    for (int end : ends) {
      if (begin <= last && last < end - 1) {
        assertThat(Arrays.stream(sizes, begin, last + 1).sum())
            .as("bytes of a transaction that is divided")
            .isGreaterThanOrEqualTo((int) wholeBytes);
      }
      begin = end;
    }
  }

  private void receive(Event event, WriteResult result) {
    int change = change(event);
    if (sessionBegins && change == sessionStart) {
      sessionBegins = false;
      next = change;
    }
    assertThat(change).as("the next change").isEqualTo(next);
    next++;
    (result == WriteResult.ACCEPTED ? accepted : durable).set(change);
  }

  @Override
  public void flush() {
    synchronized (lock) {
      if (random.nextInt(10) == 0) {
        throw fail(null);
      }
      durable.or(accepted);
    }
  }

  private EtlException fail(@Nullable List<Event> events) {
    failed = events;
    announced = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "busy");
    return announced;
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    assertThat(bytes).isPositive();
  }

  @Override
  public void durable(Lsn position) {
    synchronized (lock) {
      int transactions = (int) position.value();
      assertThat(durable.nextClearBit(0))
          .as("durable changes at position %s", position)
          .isGreaterThanOrEqualTo(ends[transactions - 1]);
      assertThat(position).isGreaterThanOrEqualTo(remembered);
      if (random.nextInt(10) == 0) {
        throw fail(null);
      }
      remembered = position;
    }
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    synchronized (lock) {
      assertThat(failure).isSameAs(announced);
      announced = null;
    }
  }

  @Override
  public boolean tableRefused(EtlException failure) {
    return false;
  }

  @Override
  public boolean anyRefused() {
    return false;
  }

  @Override
  public boolean isRefused(TableId table) {
    return false;
  }

  @Override
  public void truncateTable(TableSchema table) {
    throw new UnsupportedOperationException();
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    throw new UnsupportedOperationException();
  }
}
