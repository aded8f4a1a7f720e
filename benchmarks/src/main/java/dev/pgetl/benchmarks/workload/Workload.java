package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Series;
import java.util.List;

/** Something to do, and who does it. */
public interface Workload {
  /** {@return its name; variants have longer ones that begin with it} */
  String name();

  /** {@return its name and those of its variants, which run with it} */
  default List<String> variantNames() {
    return List.of(name());
  }

  /** {@return what clients do} */
  Task.Mode mode();

  /**
   * {@return what each subject reached}
   *
   * @param lab where to measure
   */
  List<Series> measure(Lab lab);
}
