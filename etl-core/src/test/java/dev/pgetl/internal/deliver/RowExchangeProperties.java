package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.internal.deliver.RowExchange.Batch;
import dev.pgetl.internal.deliver.RowExchange.Batcher;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.random.RandomRuns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections and a writer, each in its own thread. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RowExchangeProperties {
  private static final int RUNS = 500;

  private final ByteBudget budget = new ByteBudget(20_000);

  @Test
  void everyRowIsWrittenOnceAndInTheOrderOfItsConnection() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          RowExchange exchange = exchange(random, 3);
          Map<Long, Integer> rows = new HashMap<>();
          List<Background<Boolean>> connections = new ArrayList<>();
          for (long oid = 1; oid <= 3; oid++) {
            rows.put(oid, random.nextInt(200));
            connections.add(connection(exchange, oid, rows.get(oid), random.nextLong(), false));
          }

          List<TableRow> written = writeAll(exchange, Integer.MAX_VALUE);
          exchange.close();

          for (Background<Boolean> connection : connections) {
            assertThat(connection.result()).isTrue();
          }
          assertThat(exchange.failure()).isNull();
          assertInOrder(written, rows);
          assertThat(budget.used()).isZero();
        });
  }

  @Test
  void everybodyEndsAndNothingIsHeldWhenOneFails() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          RowExchange exchange = exchange(random, 3);
          int failing = random.nextInt(4);
          List<Background<Boolean>> connections = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            boolean dies = i == failing;
            connections.add(
                connection(exchange, i + 1, random.nextInt(200), random.nextLong(), dies));
          }

          writeAll(exchange, failing == 3 ? random.nextInt(5) : Integer.MAX_VALUE);
          boolean complete = exchange.failure() == null;
          exchange.close();

          for (Background<Boolean> connection : connections) {
            connection.result();
          }
          assertThat(complete).isEqualTo(failing == 3);
          assertThat(budget.used()).isZero();
        });
  }

  private RowExchange exchange(RandomGenerator random, int connections) {
    BatchConfig limits =
        BatchConfig.builder()
            .maxSize(random.nextInt(1, 20))
            .maxBytes(random.nextInt(1, 5_000))
            .build();
    return new RowExchange(limits, budget, Platform.jvm(), 1, connections);
  }

  /** {@return whether it could bring all its rows} */
  private static Background<Boolean> connection(
      RowExchange exchange, long oid, int rows, long seed, boolean dies) {
    RandomGenerator random = new SplittableRandom(seed);
    int last = dies ? random.nextInt(rows + 1) : rows;
    return Background.call(
        () -> {
          Batcher batcher = exchange.batcher();
          try {
            for (int i = 0; i < last; i++) {
              batcher.add(numbered(oid, i), i);
            }
            if (!dies) {
              batcher.finish();
            }
            return true;
          } catch (InterruptedException expected) {
            return false;
          } finally {
            batcher.close();
          }
        });
  }

  private static List<TableRow> writeAll(RowExchange exchange, int batches)
      throws InterruptedException {
    List<TableRow> written = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      Batch batch = exchange.take();
      if (batch == null) {
        return written;
      }
      written.addAll(batch.rows());
      exchange.written();
    }
    exchange.take();
    return written;
  }

  private static void assertInOrder(List<TableRow> written, Map<Long, Integer> rows) {
    Map<Long, List<String>> texts = new HashMap<>();
    for (TableRow row : written) {
      texts
          .computeIfAbsent(row.table().id().oid(), oid -> new ArrayList<>())
          .add(String.valueOf(row.text(0)));
    }
    rows.forEach(
        (oid, count) ->
            assertThat(texts.getOrDefault(oid, List.of()))
                .isEqualTo(IntStream.range(0, count).mapToObj(Integer::toString).toList()));
  }
}
