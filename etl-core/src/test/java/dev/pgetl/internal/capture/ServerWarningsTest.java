package dev.pgetl.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.runtime.worker.RecordedLog;
import java.sql.SQLWarning;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

class ServerWarningsTest {
  private final ManualPlatform clock = new ManualPlatform(0);
  private final ServerWarnings warnings = new ServerWarnings(clock);

  private static SQLWarning warning(String state, String text, String file) {
    return new PSQLWarning(
        new ServerErrorMessage("SWARNING\0C" + state + "\0M" + text + "\0F" + file + "\0"));
  }

  private static SQLWarning lag(String slot) {
    return warning("55000", "replication slot \"" + slot + "\" does not have active_pid", "slot.c");
  }

  @Test
  void findsThatThePublicationWasMissing() {
    SQLWarning missing = warning("55000", "skipped loading publication", "pgoutput.c");
    assertThat((Object) warnings.publicationMissing(missing)).isSameAs(missing);
    SQLWarning first = lag("standby");
    first.setNextWarning(missing);
    assertThat((Object) warnings.publicationMissing(first)).isSameAs(missing);
  }

  @Test
  void aStandbyThatLagsIsNoMissingPublication() {
    assertThat((Object) warnings.publicationMissing(lag("standby"))).isNull();
    assertThat((Object) warnings.publicationMissing(warning("01000", "other", "pgoutput.c")))
        .isNull();
  }

  @Test
  void logsEachWarningOnceAMinute() {
    try (RecordedLog log = new RecordedLog(ServerWarnings.class)) {
      assertThat((Object) warnings.publicationMissing(lag("one"))).isNull();
      assertThat((Object) warnings.publicationMissing(lag("one"))).isNull();
      assertThat(log.lines()).hasSize(1).first().asString().contains("\"one\"", "55000");
      clock.advance(Duration.ofSeconds(61));
      assertThat((Object) warnings.publicationMissing(lag("one"))).isNull();
      assertThat((Object) warnings.publicationMissing(lag("two"))).isNull();
      assertThat(log.lines()).hasSize(3);
    }
  }

  @Test
  void repeatsNoDataOfTheServer() {
    try (RecordedLog log = new RecordedLog(ServerWarnings.class)) {
      assertThat(
              (Object)
                  warnings.publicationMissing(warning("22P02", "invalid value s3cret", "int.c")))
          .isNull();
      assertThat(log.lines()).hasSize(1).first().asString().doesNotContain("s3cret");
    }
  }
}
