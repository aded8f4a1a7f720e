package dev.pgetl.it.failover;

import static dev.pgetl.diagnose.FindingCode.STANDBY_SOURCE;
import static dev.pgetl.diagnose.FindingCode.STANDBY_UNLISTED;
import static dev.pgetl.diagnose.FindingCode.STANDBY_WITHOUT_SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Doctor;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the doctor finds at a standby and at its primary; the fixes are carried out as printed. */
class StandbyDoctorIT {
  private static final String TABLE =
      "create table users(id int primary key); create publication pub for table users";

  private static final Pattern ON_PRIMARY = Pattern.compile("On the primary, (SELECT [^;]+);");

  private static List<Finding> diagnose(PgConnectionConfig connection, FindingCode code) {
    return Doctor.examine(PipelineConfig.builder("it", "pub", connection).build()).stream()
        .filter(finding -> finding.code() == code)
        .toList();
  }

  /** {@return the finding, which may show only once a server has read its configuration} */
  private static Finding found(PgConnectionConfig connection, FindingCode code) {
    return await(code.name())
        .atMost(ServerPair.PATIENCE)
        .until(() -> diagnose(connection, code), found -> found.size() == 1)
        .get(0);
  }

  private static void assertFixed(
      Finding finding, TestDatabase database, PgConnectionConfig connection) {
    finding.sql().forEach(database::execute);
    await("fixed: " + finding)
        .atMost(ServerPair.PATIENCE)
        .until(() -> diagnose(connection, finding.code()).isEmpty());
  }

  @Test
  void aStandbyThatLacksSomethingIsFixed() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(16);
    try (ServerPair pair = ServerPair.start(TABLE)) {
      pair.awaitReplayed();
      PgConnectionConfig standby = pair.standbyConnection().build();
      assertThat(found(pair.standbyConnection().readFromStandby(false).build(), STANDBY_SOURCE))
          .asString()
          .contains("the server is a standby");

      pair.standby().set("hot_standby_feedback", "off");
      assertFixed(found(standby, STANDBY_SOURCE), pair.onStandby(), standby);

      pair.standby().set("primary_slot_name", "");
      Finding noSlot = found(standby, STANDBY_WITHOUT_SLOT);
      Matcher onPrimary = ON_PRIMARY.matcher(noSlot.advice());
      assertThat(onPrimary.find()).as(noSlot.advice()).isTrue();
      pair.database().execute(onPrimary.group(1));
      assertFixed(noSlot, pair.onStandby(), standby);
    }
  }

  @Test
  void aStandbyThatChangesDoNotWaitForIsListed() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(17);
    try (ServerPair pair = ServerPair.start(TABLE)) {
      PgConnectionConfig primary = pair.connection();
      assertFixed(found(primary, STANDBY_UNLISTED), pair.database(), primary);
      assertThat(pair.database().value("show synchronized_standby_slots")).isEqualTo("standby");
    }
  }
}
