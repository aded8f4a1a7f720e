package dev.pgetl.random;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * The seed of a random test. It is the same in every build: a build that fails has changed
 * something. {@code -Dfold.seed=7} chooses another one for the tests that are named {@code fold},
 * {@code -Dpgetl.seed=7} for all tests; {@code random} in place of the number takes a new one.
 *
 * <p>Registered with a test class, it names itself in the message of every failure. Immutable.
 *
 * <pre>{@code @RegisterExtension private static final Seed SEED = Seed.of("fold"); }</pre>
 */
public final class Seed implements TestExecutionExceptionHandler {
  private static final String RANDOM = "random";
  private static final long DEFAULT = 1;

  private final String property;
  private final long value;

  private Seed(String property, long value) {
    this.property = property;
    this.value = value;
  }

  /** {@return the seed of tests that are not chosen by a name of their own} */
  public static Seed ofAll() {
    return of("pgetl");
  }

  /**
   * {@return the seed of some tests}
   *
   * @param tests names them: the system property is {@code <tests>.seed}
   */
  public static Seed of(String tests) {
    String property = tests + ".seed";
    String all = System.getProperty("pgetl.seed");
    String text = System.getProperty(property, all);
    Seed seed = new Seed(property, parse(text));
    if (RANDOM.equals(text)) {
      System.out.println(seed); // known even if the test hangs
    }
    return seed;
  }

  static long parse(@Nullable String text) {
    if (text == null) {
      return DEFAULT;
    }
    return text.equals(RANDOM)
        ? ThreadLocalRandom.current().nextLong(1L << 40)
        : Long.parseLong(text);
  }

  /** {@return the number} */
  public long value() {
    return value;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext test, Throwable failure)
      throws Throwable {
    throw named(failure);
  }

  /** {@return the failure with the seed in its message, unless it names one already} */
  Throwable named(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return failure instanceof TestAbortedException || message.contains("-D" + property + "=")
        ? failure
        : new AssertionError("with " + this + ": " + message, failure);
  }

  /** {@return the argument that repeats a run} */
  @Override
  public String toString() {
    return "-D" + property + "=" + value;
  }
}
