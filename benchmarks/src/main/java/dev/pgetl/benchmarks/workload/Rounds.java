package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Takes everybody in turn, several times, so that what disturbs one disturbs all. Every second
 * round has the reverse order, so that none gains by its place.
 */
final class Rounds {
  private final Map<String, Supplier<Result>> turns = new LinkedHashMap<>();

  void add(String key, Supplier<Result> turn) {
    turns.put(key, turn);
  }

  /** {@return what each reached, in the order in which they were added} */
  List<Series> run(int rounds) {
    Map<String, List<Result>> results = new LinkedHashMap<>();
    List<Map.Entry<String, Supplier<Result>>> order = new ArrayList<>(turns.entrySet());
    for (int round = 0; round < rounds; round++) {
      order.forEach(
          turn ->
              results
                  .computeIfAbsent(turn.getKey(), any -> new ArrayList<>())
                  .add(turn.getValue().get()));
      Collections.reverse(order);
    }
    return results.values().stream().map(Series::new).toList();
  }
}
