package dev.pgetl.internal.row;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where random tests take their seed: from {@code -Dpgetl.seed=…}, or else a new one each run. The
 * seed stands in the name of the test.
 */
public final class Seeds {
  private Seeds() {}

  /** A test with one argument, the seed. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.pgetl.internal.row.Seeds#seed")
  public @interface SeededTest {}

  static LongStream seed() {
    return LongStream.of(Long.getLong("pgetl.seed", System.nanoTime()));
  }
}
