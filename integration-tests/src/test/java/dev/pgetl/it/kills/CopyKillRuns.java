package dev.pgetl.it.kills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Copies of a large table whose process is killed at random, under 2,000 writes a second: equal in
 * the end, no row twice, and no more read again than the ranges that were begun. Minutes for each
 * copy. {@code -Dkills.copies}, {@code -Dkills.rows}, {@code -Dkills.kills} for each copy, {@code
 * -Dkills.writes} a second, {@code -Dkills.seed}, and {@code -Dkills.first}, the number of the
 * first copy.
 */
class CopyKillRuns {
  @RegisterExtension private static final Seed SEED = Seed.of("kills");
  private static final int COPIES = Integer.getInteger("kills.copies", 20);
  private static final long ROWS = Long.getLong("kills.rows", 10_000_000);
  private static final int KILLS = Integer.getInteger("kills.kills", 10);
  private static final int WRITES = Integer.getInteger("kills.writes", 2_000);
  private static final int FIRST = Integer.getInteger("kills.first", 0);
  private static final List<Integer> CONNECTIONS = List.of(1, 2, 4);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  @Test
  void copiesOnceHoweverOftenItIsKilled() throws IOException, InterruptedException {
    System.out.printf("%d copies of %d rows, %s%n", COPIES, ROWS, SEED);
    CopyFigures all = CopyFigures.NONE;
    try (PostgresCluster cluster =
        PostgresCluster.builder()
            .set("max_wal_size", "8GB")
            .set("shared_buffers", "256MB")
            .start()) {
      for (int number = FIRST; number < FIRST + COPIES; number++) {
        KilledCopy.Plan plan = plan(number);
        CopyFigures figures = run(cluster, plan, directory.resolve("copy-" + number));
        System.out.println(plan + "\n  " + figures);
        all = all.plus(figures);
      }
    }
    System.out.println("in all: " + all);
    assertThat(all.kills()).isEqualTo(COPIES * KILLS);
  }

  /** Twelve in a row differ. */
  private static KilledCopy.Plan plan(int number) {
    return new KilledCopy.Plan(
        ROWS,
        KILLS,
        WRITES,
        SEED.value() + number,
        number % 2 == 0 ? "file" : "postgres",
        CONNECTIONS.get(number % 3),
        number / 2 % 2 == 0 ? "KEY" : "AUTO",
        false);
  }

  private static CopyFigures run(PostgresCluster cluster, KilledCopy.Plan plan, Path directory)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    try (TestDatabase source = cluster.createDatabase()) {
      CopyFigures figures = new KilledCopy(plan, directory, source).run();
      delete(directory);
      return figures;
    }
  }

  /** The files of one copy are large. */
  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
