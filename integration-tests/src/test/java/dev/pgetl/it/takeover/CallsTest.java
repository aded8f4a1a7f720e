package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.it.takeover.Calls.Call;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker of takeovers sees what a broken lease lets through. */
class CallsTest {
  private static Call call(long epoch, String replica, long... ids) {
    return new Call(0, replica, epoch, "events", java.util.Arrays.stream(ids).boxed().toList());
  }

  @Test
  void takeoversInOrderAreFine() {
    Calls calls = new Calls(List.of(call(1, "a", 1), call(1, "a", 2), call(2, "b", 2, 3)));
    assertThat(calls.violations()).isEmpty();
    assertThat(calls.late()).isEmpty();
    assertThat(calls.ids()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void oneLateCallOfAStreamIsTheLimit() {
    Calls one = new Calls(List.of(call(1, "a", 1), call(2, "b", 2), call(1, "a", 2)));
    assertThat(one.violations()).isEmpty();
    assertThat(one.late()).hasSize(1);
    Calls two =
        new Calls(List.of(call(2, "b", 2), call(1, "a", 2), call(2, "b", 3), call(1, "a", 3)));
    assertThat(two.violations()).anyMatch(text -> text.startsWith("late again"));
  }

  @Test
  void anEpochHasOneOwner() {
    Calls calls = new Calls(List.of(call(1, "a", 1), call(1, "b", 1)));
    assertThat(calls.violations()).anyMatch(text -> text.startsWith("epoch of another owner"));
  }
}
