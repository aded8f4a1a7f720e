package dev.pgetl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;

/** Checks that a class compares by value. */
public final class ValueEquality {
  private ValueEquality() {}

  /** Checks that what one maker makes is equal, and what two make is not. */
  public static void check(Supplier<?>... makers) {
    List<?> values = List.of(makers).stream().map(Supplier::get).toList();
    assertThat(values).doesNotHaveDuplicates();
    for (int i = 0; i < makers.length; i++) {
      assertThat(makers[i].get())
          .isNotSameAs(values.get(i))
          .isEqualTo(values.get(i))
          .hasSameHashCodeAs(values.get(i))
          .hasToString(values.get(i).toString())
          .isNotEqualTo("something else");
    }
  }
}
