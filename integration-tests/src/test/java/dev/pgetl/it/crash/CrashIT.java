package dev.pgetl.it.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.crash.CrashReport;
import dev.pgetl.testkit.crash.CrashSite;
import dev.pgetl.testkit.crash.CrashSubject;
import dev.pgetl.testkit.crash.CrashTest;
import dev.pgetl.testkit.postgres.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nothing is lost, reordered or needlessly repeated, however often the process is killed. {@code
 * -Dcrash.kills=N} sets how often, {@code -Dcrash.seed=S} repeats a run.
 */
class CrashIT {
  @RegisterExtension private static final Seed SEED = Seed.of("crash");
  private static final int KILLS = RandomRuns.count("crash.kills", 8);
  private static final int STANDBY_KILLS = RandomRuns.count("crash.standby", 3);

  // tag::crashSubject[]
  /** The engine over the file store. */
  public static final class FileStore implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      return new MemoryStore(FileLayer.open(site.directory().resolve("state")));
    }
  }

  // end::crashSubject[]

  /** The same with values in binary format. */
  public static final class BinaryFormat implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      return new FileStore().openStore(site);
    }

    @Override
    public PipelineConfig.Builder settings(PipelineConfig.Builder chosen) {
      return chosen.binary(true);
    }
  }

  /** The same with tables that are copied together. */
  public static final class Together implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      return new FileStore().openStore(site);
    }

    @Override
    public PipelineConfig.Builder settings(PipelineConfig.Builder chosen) {
      return chosen.maxTableSyncWorkers(1).maxTablesPerSyncWorker(128);
    }
  }

  /** The engine over the Postgres store, in the source database. */
  public static final class PostgresStore implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      return new MemoryStore(PostgresLayer.builder(site.source(), "crash").build());
    }
  }

  @Test
  void losesNothingHoweverOftenItIsKilled() throws InterruptedException {
    check(FileStore.class, KILLS);
  }

  @Test
  void losesNothingWithItsStoreInTheSource() throws InterruptedException {
    check(PostgresStore.class, Math.max(3, KILLS / 4));
  }

  @Test
  void losesNothingInBinaryFormat() throws InterruptedException {
    check(BinaryFormat.class, Math.max(3, KILLS / 4));
  }

  @Test
  void losesNothingWithTablesThatAreCopiedTogether() throws InterruptedException {
    check(Together.class, Math.max(3, KILLS / 4));
  }

  /** {@code -Dcrash.standby=N} sets how often. */
  @Test
  void losesNothingOfAStandby() throws InterruptedException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(16);
    CrashTest test = CrashTest.of(FileStore.class).fromStandby();
    CrashReport report = test.kills(STANDBY_KILLS).seed(SEED.value()).run();
    System.out.println("from a standby: " + report);
    assertThat(report.kills()).isEqualTo(STANDBY_KILLS);
  }

  private static void check(Class<? extends CrashSubject> subject, int kills)
      throws InterruptedException {
    System.out.printf("%s: %d kills, %s%n", subject.getSimpleName(), kills, SEED);
    long seed = SEED.value();
    // tag::crashTest[]
    CrashReport report = CrashTest.of(subject).kills(kills).seed(seed).run();
    // end::crashTest[]
    System.out.println(report);
    assertThat(report.kills()).isEqualTo(kills);
  }
}
