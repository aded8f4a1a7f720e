package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessFilesTest {
  @Test
  void cpuIsThatOfTheProcessAndOfItsEndedChildrenWhateverItsName() {
    String stat =
        "4242 (odd) name (1)) S 1 4242 4242 0 -1 4194304 500 0 1 0 150 50 25 75 20 0 3 0 100 200 300";

    assertThat(ProcessFiles.cpuSeconds(stat)).hasValue(3.0);
  }

  @Test
  void theCpuOfAShortLineIsNotKnown() {
    assertThat(ProcessFiles.cpuSeconds("4242 (name) S 1 2 3")).isEmpty();
  }

  @Test
  void thePeakIsInMegabytes() {
    assertThat(ProcessFiles.peakRssMb("Name:\tjava\nVmPeak:\t 9999 kB\nVmHWM:\t  125000 kB\n"))
        .hasValue(128.0);
    assertThat(ProcessFiles.peakRssMb("Name:\tkthreadd\n")).isEmpty();
  }

  @Test
  void aProcessThatIsGoneHasNothing() {
    long none = -1;

    assertThat(ProcessFiles.cpuSeconds(none)).isEmpty();
    assertThat(ProcessFiles.peakRssMb(none)).isEmpty();
    assertThat(ProcessFiles.children(none)).isEmpty();
    assertThat(ProcessFiles.title(none)).isEmpty();
  }
}
