package dev.pgetl.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class SeedTest {
  private final Seed seed = Seed.of("nothing");

  @Test
  void isTheSameInEveryBuildUnlessOneIsChosen() {
    assertThat(Seed.parse(null)).isEqualTo(1);
    assertThat(Seed.parse("-7")).isEqualTo(-7);
    List<Long> random = Stream.generate(() -> Seed.parse("random")).limit(10).toList();
    assertThat(random).doesNotHaveDuplicates().allMatch(value -> value >= 0);
    assertThatExceptionOfType(NumberFormatException.class).isThrownBy(() -> Seed.parse("seven"));
  }

  @Test
  void isNamedByEveryFailure() {
    IllegalStateException failure = new IllegalStateException("no rows");

    assertThat(seed.named(failure))
        .isInstanceOf(AssertionError.class)
        .hasMessage("with -Dnothing.seed=%d: no rows", seed.value())
        .hasCause(failure);
  }

  @Test
  void isNotNamedTwiceNorByATestThatWasLeftOut() {
    AssertionError named = new AssertionError("with -Dnothing.seed=9: no rows");
    TestAbortedException leftOut = new TestAbortedException("no such server");

    assertThat(seed.named(named)).isSameAs(named);
    assertThat(seed.named(leftOut)).isSameAs(leftOut);
  }

  @Test
  void aRunIsRepeatedByItsSeed() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> RandomRuns.repeat(10, random -> assertThat(random.nextLong()).isZero()))
        .withMessageStartingWith("with -Dpgetl.seed=%d -Dpgetl.runs=1: ", Seed.ofAll().value());
  }
}
