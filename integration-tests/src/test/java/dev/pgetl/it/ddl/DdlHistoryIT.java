package dev.pgetl.it.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tables are altered at random, and the destination ends equal or names what it refuses. Seed,
 * count, versions and mode: {@code -Dddl.seed=… -Dddl.steps=500 -Dddl.versions=14-18
 * -Dddl.mode=APPLY}; with {@code -Dddl.exchanges=true} tables exchange their names too. The
 * binaries of both versions have to be in the local repository.
 */
class DdlHistoryIT {
  @RegisterExtension private static final Seed SEED = Seed.of("ddl");
  private static final int STEPS = RandomRuns.count("ddl.steps", 12);

  @Test
  void theDestinationIsEqualOrNamesWhatItRefuses() throws Exception {
    String versions = System.getProperty("ddl.versions", "");
    if (versions.isEmpty()) {
      TestPostgres server = TestPostgres.shared();
      PgConnectionConfig both =
          PgConnectionConfig.builder(server.host(), "postgres", server.username())
              .port(server.port())
              .password(server.password().reveal())
              .build();
      run(both, both);
      return;
    }
    String[] pair = versions.split("-");
    try (OtherVersion from = OtherVersion.start(Integer.parseInt(pair[0]));
        OtherVersion to = OtherVersion.start(Integer.parseInt(pair[1]))) {
      run(from.connection(), to.connection());
    }
  }

  private static void run(PgConnectionConfig from, PgConnectionConfig to) throws Exception {
    try (DdlHistory history = new DdlHistory(from, to, new SplittableRandom(SEED.value()))) {
      history.run(STEPS);
      System.out.println("DDL " + history.report());
      assertThat(history.faults()).as(history.report()).isEmpty();
    }
  }
}
