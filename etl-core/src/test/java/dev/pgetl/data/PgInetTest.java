package dev.pgetl.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgInetTest {

  /** All as Postgres prints them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "192.0.2.1/24",
        "::",
        "::/0",
        "::1",
        "1::",
        "::1.2.3.4",
        "::ffff:1.2.3.4",
        "::ffff:0.0.0.0",
        "::0.1.0.2",
        "1:0:0:2::",
        "1::2:0:0:3",
        "0:0:1::",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:0:8",
        "2001:db8::ff00:42:8329/64",
        "0:ffff::102:304/96"
      })
  void readsAndWrites(String text) {
    assertThat(PgInet.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({"::ffff:0:0, ::ffff:0.0.0.0", "::1:2, ::0.1.0.2", "0:FFFF::1.2.3.4, 0:ffff::102:304"})
  void readsOtherSpellings(String text, String printed) {
    assertThat(PgInet.parse(text)).isEqualTo(PgInet.parse(printed)).hasToString(printed);
  }

  @Test
  void isEqualByAddressAndPrefix() {
    PgInet inet = PgInet.parse("2001:DB8:0::1/64");
    assertThat(inet)
        .isEqualTo(PgInet.parse("2001:db8::1/64"))
        .hasSameHashCodeAs(PgInet.parse("2001:db8::1/64"));
    assertThat(inet)
        .isNotEqualTo(PgInet.parse("2001:db8::1"))
        .isNotEqualTo(PgInet.parse("2001:db8::2/64"));
    assertThat(PgInet.parse("::ffff:1.2.3.4")).isNotEqualTo(PgInet.parse("1.2.3.4"));
  }

  @Test
  void hasAddressPrefixAndVersion() {
    PgInet inet = PgInet.parse("192.0.2.1/24");
    assertThat(inet.address()).containsExactly(192, 0, 2, 1);
    assertThat(inet.prefix()).isEqualTo(24);
    assertThat(inet.isV6()).isFalse();
    assertThat(inet.toCidrString()).isEqualTo("192.0.2.1/24");
    assertThat(PgInet.parse("::1").isV6()).isTrue();
    assertThat(PgInet.parse("::1").toCidrString()).isEqualTo("::1/128");
    inet.address()[0] = 0;
    assertThat(inet).isEqualTo(PgInet.of(inet.address(), 24));
  }

  @Test
  void refusesOtherLengths() {
    assertThatIllegalArgumentException().isThrownBy(() -> PgInet.of(new byte[5], 8));
    assertThatIllegalArgumentException().isThrownBy(() -> PgInet.of(new byte[4], 33));
    assertThatIllegalArgumentException().isThrownBy(() -> PgInet.of(new byte[16], -1));
  }
}
