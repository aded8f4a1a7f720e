package dev.pgetl.it.kills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small {@link CopyKillRuns}: rows are read slowly, so that a kill meets a range in the middle.
 */
class CopyKillIT {
  @RegisterExtension private static final Seed SEED = Seed.of("kills");
  private static final int ROWS = 40_000;
  private static final int KILLS = 4;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  @Test
  void noRowComesTwiceAndNoneIsLost() throws InterruptedException {
    KilledCopy.Plan plan =
        new KilledCopy.Plan(ROWS, KILLS, 2_000, SEED.value(), "file", 2, "KEY", true);
    System.out.println(plan + ", " + SEED);
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      CopyFigures figures = new KilledCopy(plan, directory, source).run();
      System.out.println(figures);
      assertThat(figures.kills()).isEqualTo(KILLS);
    }
  }
}
