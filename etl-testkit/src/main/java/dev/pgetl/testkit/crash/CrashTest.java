package dev.pgetl.testkit.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills a process with a pipeline in it repeatedly while a writer never pauses: at every failpoint
 * of the engine in turn and at random moments. It also kills the server, terminates its senders and
 * cuts connections. After every round of faults source and destination are compared row by row;
 * every delivery is checked for order, and for repetitions that at-least-once does not allow.
 *
 * <p>It needs the Postgres programs on the class path. Not thread-safe; used once.
 *
 * <pre>{@code
 * CrashReport report = CrashTest.of(MySubject.class).kills(60).run();
 * }</pre>
 */
public final class CrashTest {
  private static final Logger LOG = LoggerFactory.getLogger(CrashTest.class);

  private final Class<? extends CrashSubject> subject;
  private int kills = 60;
  private long seed = System.nanoTime();
  private boolean fromStandby;
  private final Map<String, String> properties = new LinkedHashMap<>();

  private CrashTest(Class<? extends CrashSubject> subject) {
    this.subject = subject;
  }

  /**
   * {@return a test of a store, or of a store and a destination}
   *
   * @param subject has a constructor without parameters
   */
  public static CrashTest of(Class<? extends CrashSubject> subject) {
    return new CrashTest(subject);
  }

  /**
   * Sets how often the process is killed; default 60. A round of all faults takes about 30.
   *
   * @param value how often, at least once
   * @return this test
   */
  public CrashTest kills(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("at least one kill, not " + value);
    }
    kills = value;
    return this;
  }

  /**
   * Sets the seed, to repeat a run: the same faults at the same places, the same writes. The timing
   * of writes and faults does not repeat.
   *
   * @param value the seed
   * @return this test
   */
  public CrashTest seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Has the pipelines read from a standby of the server that is written to; it is the standby that
   * is killed. Needs Postgres 16 or later.
   *
   * @return this test
   */
  public CrashTest fromStandby() {
    fromStandby = true;
    return this;
  }

  /**
   * Gives the processes a system property, for example the address of what the destination writes
   * to.
   *
   * @param name the property
   * @param value its value
   * @return this test
   */
  public CrashTest property(String name, String value) {
    properties.put(name, value);
    return this;
  }

  /**
   * Runs the test.
   *
   * @return what happened
   * @throws AssertionError if anything was lost, changed, reordered, or repeated outside of the
   *     allowed window; names the seed
   */
  public CrashReport run() throws InterruptedException {
    LOG.info("crash test of {}: {} kills, seed {}", subject.getSimpleName(), kills, seed);
    Random random = new Random(seed);
    CrashReport report = new CrashReport(seed, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO);
    while (report.kills() < kills) {
      report = report.plus(round(kills - report.kills(), random));
      LOG.info("crash test so far: {}", report);
    }
    return report;
  }

  private CrashReport round(int limit, Random random) throws InterruptedException {
    Path directory = createDirectory();
    long begin = System.nanoTime();
    try (CrashSource source = fromStandby ? CrashSource.standby() : CrashSource.primary();
        CrashRound round = new CrashRound(subject, properties, directory, random, source)) {
      CrashReport report = round.run(limit, seed, begin);
      delete(directory);
      return report;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "crash test with seed " + seed + " failed; its files are in " + directory, e);
    }
  }

  private static Path createDirectory() {
    try {
      return Files.createTempDirectory("pgetl-crash");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
