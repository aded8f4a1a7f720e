package dev.pgetl.micrometer;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures what a {@link MeteredDestination} adds to a call: {@code main} prints the median of 21
 * interleaved rounds of a destination that does nothing, timed and not timed.
 */
final class CallCost {
  private static final int ROUNDS = 21;
  private static final int CALLS = 500_000;

  private CallCost() {}

  private static final class Nothing implements Destination {
    private long calls;

    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      calls++;
      return WriteResult.DURABLE;
    }
  }

  public static void main(String[] arguments) {
    Nothing nothing = new Nothing();
    Destination timed =
        MeteredDestination.of(nothing, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), "x");
    double[] added = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      double plain = nanosPerCall(nothing);
      added[round] = nanosPerCall(timed) - plain;
    }
    Arrays.sort(added);
    System.out.printf(
        Locale.ROOT,
        "a timed call takes %.0f ns more (%.0f to %.0f), of %d calls%n",
        added[ROUNDS / 2],
        added[2],
        added[ROUNDS - 3],
        nothing.calls);
  }

  private static double nanosPerCall(Destination destination) {
    List<Event> none = List.of();
    long begin = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      WriteResult unused = destination.writeEvents(none);
    }
    return (System.nanoTime() - begin) / (double) CALLS;
  }
}
