package dev.pgetl.it.doctor;

import static dev.pgetl.diagnose.FindingCode.CONNECTIONS;
import static dev.pgetl.diagnose.FindingCode.LOCKS;
import static dev.pgetl.diagnose.FindingCode.REPLICATION_SLOTS;
import static dev.pgetl.diagnose.FindingCode.WAL_LEVEL;
import static dev.pgetl.diagnose.FindingCode.WAL_SENDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Settings that take effect with a restart, all of them wrong, and changed as printed. */
class ServerSettingsIT {
  private static final List<FindingCode> CODES =
      List.of(WAL_LEVEL, REPLICATION_SLOTS, WAL_SENDERS, CONNECTIONS, LOCKS);

  private static final Map<String, String> SMALL =
      Map.of(
          "wal_level", "replica",
          "max_replication_slots", "1",
          "max_wal_senders", "1",
          "max_connections", "12",
          "max_prepared_transactions", "0",
          "max_locks_per_transaction", "10");

  private static final String PARTITIONS =
      """
      create table root(id int primary key) partition by range (id);
      do $$ begin for i in 1 .. 170 loop
        execute format('create table p%s partition of root for values from (%s) to (%s)', i, i, i + 1); commit;
      end loop; end $$;
      alter publication pub add table root; alter publication pub set (publish_via_partition_root = true);
      """;

  @Test
  void serversThatAreTooSmallAreMadeLargeEnough() {
    try (Patient patient = new Patient()) {
      PostgresCluster cluster = patient.cluster();
      TestDatabase database = patient.database();
      database.execute(PARTITIONS);
      SMALL.forEach(cluster::set);
      cluster.restart(StopMode.FAST);
      List<Finding> found = Patient.diagnose(database);
      for (FindingCode code : CODES) {
        assertThat(Patient.of(found, code)).as("%s in %s", code, found).hasSize(1);
      }
      patient.follow(database, found.stream().filter(each -> CODES.contains(each.code())).toList());
      assertThat(Patient.diagnose(database))
          .extracting(Finding::code)
          .doesNotContainAnyElementsOf(CODES);
    }
  }
}
