package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PgHostTest {
  @Test
  void isReachedUnderItsNameUnlessAnAddressIsGiven() {
    PgHost host = PgHost.of("db.example.com", 5433);
    assertThat(host.address()).isEqualTo("db.example.com");
    assertThat(host).hasToString("db.example.com:5433");
    assertThat(host.at("10.0.0.7"))
        .isEqualTo(new PgHost("db.example.com", 5433, "10.0.0.7"))
        .hasToString("db.example.com:5433 at 10.0.0.7");
  }

  @Test
  void readsAListOfNamesAndAddresses() {
    assertThat(PgHost.list("db1, db2:5433,[::1],[fe80::1%eth0]:6000,10.0.0.7:1"))
        .containsExactly(
            PgHost.of("db1", 5432),
            PgHost.of("db2", 5433),
            PgHost.of("::1", 5432),
            PgHost.of("fe80::1%eth0", 6000),
            PgHost.of("10.0.0.7", 1));
  }

  @Test
  void takesAddressesInBrackets() {
    assertThat(new PgHost("db", 5432, "[::1]").address()).isEqualTo("::1");
    assertThat(PgHost.of("[::1]", 5432)).isEqualTo(PgHost.of("::1", 5432));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "db1,", "db1,,db2", "::1", "db1:", "db1:x", "user@db1", "db1/shop"})
  void refusesWhatIsNoList(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PgHost.list(text))
        .withMessageContaining("not a list of hosts");
  }

  @Test
  void saysEverythingThatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PgHost("one,two", 0, " "))
        .withMessage(
            "PgHost is not valid: pgConnection.host must be one host name or address; "
                + "pgConnection.port must be within 1 and 65535, is 0; "
                + "pgConnection.address must be one host name or address");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PgHost.list("db1:70000"))
        .withMessageContaining("70000");
  }
}
