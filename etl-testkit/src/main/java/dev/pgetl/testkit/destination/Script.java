package dev.pgetl.testkit.destination;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Defines what a {@link RecordingDestination} does with calls of an operation: narrowed by {@link
 * #of}, {@link #where}, {@link #once}, {@link #times}, and decided by one of the others. Rules
 * apply in the order in which they were made; a call obeys the first that matches. Not thread-safe.
 */
public final class Script {
  private static final Set<Operation> DECLINED =
      EnumSet.of(Operation.REMOVE, Operation.REPLACE, Operation.CONTINUE);

  private final Operation operation;
  private final Consumer<Rule> rules;
  private Predicate<Call> condition;
  private long times = Long.MAX_VALUE;

  Script(Operation operation, Consumer<Rule> rules) {
    this.operation = operation;
    this.rules = rules;
    this.condition = call -> call.operation() == operation;
  }

  /**
   * Narrows to calls about a table.
   *
   * @param table its name, with or without its schema
   * @return this
   */
  public Script of(String table) {
    return where(call -> call.concerns(table));
  }

  /**
   * Narrows to calls that fulfil a condition.
   *
   * @param narrower must not block
   * @return this
   */
  public Script where(Predicate<Call> narrower) {
    condition = condition.and(narrower);
    return this;
  }

  /**
   * Narrows to the next call.
   *
   * @return this
   */
  public Script once() {
    return times(1);
  }

  /**
   * Narrows to the next calls.
   *
   * @param count how many
   * @return this
   */
  public Script times(long count) {
    times = count;
    return this;
  }

  /**
   * Refuses the calls: nothing is written.
   *
   * @param kind with this kind
   */
  public void reject(ErrorKind kind) {
    rejectWith(() -> new EtlException(kind, "refused, as the test requests"));
  }

  /**
   * Refuses the calls with the given exception, for example one that names a table.
   *
   * @param exception makes it
   */
  public void rejectWith(Supplier<? extends RuntimeException> exception) {
    then(
        new Rule.Action() {
          @Override
          public void before() {
            throw exception.get();
          }
        });
  }

  /**
   * Writes, and reports a failure nevertheless.
   *
   * @param kind with this kind
   */
  public void failAfterWrite(ErrorKind kind) {
    then(
        new Rule.Action() {
          @Override
          public void after() {
            throw new EtlException(kind, "reported as failed, as the test requests");
          }
        });
  }

  /**
   * Makes the calls take longer.
   *
   * @param duration by this
   */
  public void delay(Duration duration) {
    CountDownLatch never = new CountDownLatch(1);
    then(
        new Rule.Action() {
          @Override
          public void before() {
            try {
              boolean reached = never.await(duration.toNanos(), TimeUnit.NANOSECONDS);
              assert !reached;
            } catch (InterruptedException e) {
              throw Hold.interrupted(e);
            }
          }
        });
  }

  /** Takes over what is written without making it durable; {@code flush()} does that. */
  public void accept() {
    then(
        new Rule.Action() {
          @Override
          public boolean accepts() {
            return true;
          }
        });
  }

  /**
   * Answers that the destination cannot do it, and changes nothing.
   *
   * @throws IllegalStateException unless the operation is {@link Operation#REMOVE}, {@link
   *     Operation#REPLACE} or {@link Operation#CONTINUE}
   */
  public void decline() {
    if (!DECLINED.contains(operation)) {
      throw new IllegalStateException("a destination cannot decline " + operation);
    }
    then(
        new Rule.Action() {
          @Override
          public boolean declines() {
            return true;
          }
        });
  }

  /** {@return a handle on the next call, which is held before it does its work} */
  public Hold hold() {
    Hold hold = new Hold();
    times = 1;
    then(
        new Rule.Action() {
          @Override
          public void before() {
            hold.enter();
          }
        });
    return hold;
  }

  private void then(Rule.Action action) {
    rules.accept(new Rule(condition, times, action));
  }
}
