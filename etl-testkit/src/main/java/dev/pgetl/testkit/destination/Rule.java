package dev.pgetl.testkit.destination;

import java.util.function.Predicate;

/** What happens to the next calls of a kind. Guarded by the lock of its destination. */
final class Rule {
  private final Predicate<Call> condition;
  private final Action action;
  private long remaining;

  Rule(Predicate<Call> condition, long times, Action action) {
    this.condition = condition;
    this.remaining = times;
    this.action = action;
  }

  /** Whether it is about the call; if so, it is used up by one. */
  boolean takes(Call call) {
    if (remaining == 0 || !condition.test(call)) {
      return false;
    }
    remaining--;
    return true;
  }

  Action action() {
    return action;
  }

  /** What is done around a call. */
  interface Action {
    /** Nothing. */
    Action NONE = new Action() {};

    /** Runs before the work; throws to refuse the call. */
    default void before() {}

    /** Runs after the work; throws to report it as failed. */
    default void after() {}

    /** Whether what was written is only taken over. */
    default boolean accepts() {
      return false;
    }

    /** Whether the answer is that the destination cannot do it. */
    default boolean declines() {
      return false;
    }
  }
}
