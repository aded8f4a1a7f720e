package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.subject.Subject;
import java.util.List;
import java.util.function.Function;

/**
 * The trials of one workload: each of its variants with each subject that takes part.
 *
 * @param name the workload's name
 * @param variants how it is read
 * @param task what all have in common
 * @param service what the server does for them
 * @param megabytes how much there is to read
 */
record Trials(String name, List<Variant> variants, Task task, Service service, double megabytes) {
  private static final String RUN_SLOT = "bench_run";

  /** {@return the slot from which a subject reads} */
  static String slot(Subject subject) {
    return subject.isPgetl() ? PgetlClient.SLOT : RUN_SLOT;
  }

  /** {@return the names of a workload with variants} */
  static List<String> names(String name, List<Variant> variants) {
    return variants.stream().map(variant -> name + variant.suffix()).toList();
  }

  /** {@return what each reached, in turn} */
  List<Series> run(Lab lab, Function<Trial, Result> turn) {
    Rounds rounds = new Rounds();
    for (Variant variant : variants) {
      for (Subject subject : lab.subjects(task.mode(), name, variant)) {
        Trial trial =
            new Trial(
                name + variant.suffix(),
                subject,
                variant.applyTo(task.with(Setting.SLOT, slot(subject)), lab),
                variant.heap(),
                service,
                megabytes);
        rounds.add(trial.workload() + " " + subject, () -> turn.apply(trial));
      }
    }
    return rounds.run(lab.runs());
  }
}
