package dev.pgetl.internal.capture.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.internal.capture.advice.ServerFacts.Room;
import org.junit.jupiter.api.Test;

class ServerFindingsTest {
  private static ServerFacts server(String plugins, long free) {
    return new ServerFacts(
        "logical", "etl", true, new Room(10, free), new Room(10, free), plugins, false);
  }

  @Test
  void versionsThatAreTooOldAreNamed() {
    assertThat(ServerFindings.version(130_020).orElseThrow().code())
        .isEqualTo(FindingCode.SERVER_VERSION);
    Finding minor = ServerFindings.version(170_005).orElseThrow();
    assertThat(minor.code()).isEqualTo(FindingCode.MINOR_VERSION);
    assertThat(minor.fix()).isEqualTo("Upgrade it to 17.6");
    assertThat(ServerFindings.version(170_006)).isEmpty();
    assertThat(ServerFindings.version(180_000)).isEmpty();
  }

  @Test
  void aServerWithoutThePluginIsFound() {
    assertThat(ServerFindings.decoding(server("wal2json", 5)))
        .extracting(Finding::code)
        .containsExactly(FindingCode.OUTPUT_PLUGIN);
    assertThat(ServerFindings.decoding(server("wal2json, pgoutput", 5))).isEmpty();
  }

  @Test
  void roomIsWhatIsNeededOrRequired() {
    assertThat(ServerFindings.slots(server("", 5), 5, 2)).isEmpty();
    Finding few = ServerFindings.slots(server("", 3), 5, 2).orElseThrow();
    assertThat(few.severity()).isEqualTo(Severity.WARNING);
    assertThat(few.sql()).containsExactly("ALTER SYSTEM SET max_replication_slots = 12");
    Finding none = ServerFindings.senders(server("", 1), 5, 2).orElseThrow();
    assertThat(none.severity()).isEqualTo(Severity.ERROR);
    assertThat(none.sql()).containsExactly("ALTER SYSTEM SET max_wal_senders = 14");
  }
}
