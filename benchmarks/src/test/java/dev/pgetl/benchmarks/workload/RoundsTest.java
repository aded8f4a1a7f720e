package dev.pgetl.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final List<String> turns = new ArrayList<>();

  @Test
  void neighboursSwapPlacesFromRoundToRound() {
    Rounds rounds = new Rounds();
    List.of("a", "b", "c").forEach(name -> rounds.add(name, () -> turn(name)));

    List<Series> series = rounds.run(3);

    assertThat(turns).containsExactly("a", "b", "c", "c", "b", "a", "a", "b", "c");
    assertThat(series).extracting(Series::subject).containsExactly("a", "b", "c");
    assertThat(series.get(0).runs())
        .extracting(run -> run.figure(Figure.ROWS_PER_S).orElseThrow())
        .containsExactly(1.0, 6.0, 7.0);
  }

  private Result turn(String name) {
    turns.add(name);
    return new Result("w", name, Map.of(Figure.ROWS_PER_S, (double) turns.size()));
  }
}
