package dev.pgetl.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.benchmarks.client.Task;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
  @Test
  void namesAreUnique() {
    assertThat(names(Workloads.all(1, 20))).doesNotHaveDuplicates();
  }

  @Test
  void copiesAreOfFewLargeTablesAndOfManySmallOnes() {
    assertThat(names(Workloads.all(1, 20)))
        .contains(
            "many-tables-500",
            "many-tables-500-128m-files",
            "many-tables-500-alone",
            "many-tables-10000",
            "copy-narrow",
            "copy-wide",
            "copy-uuid",
            "copy-resume",
            "copy-resume-undisturbed",
            "tpcc-copy",
            "tpcc-copy-100");
  }

  @Test
  void replicasAreFilledCopiedAndFollowed() {
    assertThat(names(Workloads.all(1, 20)))
        .filteredOn(name -> name.startsWith("postgres-"))
        .containsExactly(
            "postgres-inserts",
            "postgres-inserts-binary",
            "postgres-inserts-parallel",
            "postgres-mix",
            "postgres-mix-binary",
            "postgres-single",
            "postgres-single-binary",
            "postgres-copy",
            "postgres-copy-binary",
            "postgres-copy-2",
            "postgres-latency-1000");
  }

  @Test
  void onlyOneWorkloadIsInterrupted() {
    assertThat(Workloads.all(1, 20))
        .filteredOn(workload -> workload.mode() == Task.Mode.RESUME)
        .extracting(Workload::name)
        .containsExactly("copy-resume");
  }

  @Test
  void theScaleIsThatOfEverySize() {
    assertThat(Workloads.all(1, 20).toString())
        .contains("write_uuids(5000000, 0)", "load_shop(10, 0)", "load_shop(100, 0)");
    assertThat(Workloads.all(0.1, 20).toString())
        .contains("write_uuids(500000, 0)", "load_shop(1, 0)", "load_shop(10, 0)");
  }

  private static List<String> names(List<Workload> workloads) {
    return workloads.stream().flatMap(workload -> workload.variantNames().stream()).toList();
  }
}
