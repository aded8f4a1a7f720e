package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.measure.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Takes everybody in turn, several times, so that what disturbs one disturbs all. */
final class Rounds {
  private final Map<String, Supplier<Result>> turns = new LinkedHashMap<>();

  void add(String key, Supplier<Result> turn) {
    turns.put(key, turn);
  }

  /** {@return the median of each} */
  List<Result> run(int rounds) {
    Map<String, List<Result>> results = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      turns.forEach(
          (key, turn) -> results.computeIfAbsent(key, any -> new ArrayList<>()).add(turn.get()));
    }
    return results.values().stream().map(Result::median).toList();
  }
}
