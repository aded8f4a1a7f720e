package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A runtime made for one program has no other modules than those that are required. */
class SmallRuntimeIT {
  /** What our descriptors require of the JDK, and what the driver and the log of the test need. */
  private static final String MODULES = "java.sql,jdk.net,java.naming";

  @TempDir private Path directory;

  @Test
  void aPipelineNeedsNoModuleThatNoDescriptorRequires() throws Exception {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(Scenario.USERS_AND_ORDERS + "insert into users(name, age) values ('a', 1)");
      try (ChildJvm child =
          ChildJvm.start(directory, "small", source, "--limit-modules", MODULES).awaitReady()) {
        source.execute("insert into users(name, age) values ('b', 2)");
        assertThat(source.killWalSender("pgetl_apply_it")).isTrue();
        source.execute("insert into users(name, age) values ('c', 3)");
        child.finish(source.currentLsn());
        assertThat(child.inserts()).isEqualTo(2);
      }
    }
  }
}
