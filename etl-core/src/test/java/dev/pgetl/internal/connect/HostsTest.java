package dev.pgetl.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostsTest {
  private static final PgHost ONE = PgHost.of("one", 1);
  private static final PgHost TWO = PgHost.of("two", 2);
  private static final PgHost THREE = PgHost.of("three", 3);

  private final List<PgHost> tried = new ArrayList<>();
  private final Map<PgHost, ErrorKind> refusing = new HashMap<>();

  private static Hosts hosts(PgHost... all) {
    return new Hosts(
        PgConnectionConfig.builder(List.of(all), "shop", "etl").build(),
        ErrorKind.SOURCE_UNAVAILABLE);
  }

  private PgHost connect(Hosts hosts) {
    tried.clear();
    return hosts.first(
        "connect",
        host -> {
          tried.add(host);
          ErrorKind kind = refusing.get(host);
          if (kind != null) {
            throw new HostRefused(
                new EtlException(kind, "connect to " + host + " failed").withFix("fix " + host),
                "refused as " + kind);
          }
          return host;
        });
  }

  private EtlException failure(Hosts hosts) {
    try {
      connect(hosts);
    } catch (EtlException e) {
      return e;
    }
    throw new AssertionError("connected");
  }

  @Test
  void takesTheFirstThatIsGood() {
    refusing.put(ONE, ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(connect(hosts(ONE, TWO, THREE))).isEqualTo(TWO);
    assertThat(tried).containsExactly(ONE, TWO);
  }

  @Test
  void beginsWithTheOneThatWasGoodLast() {
    Hosts hosts = hosts(ONE, TWO, THREE);
    refusing.put(ONE, ErrorKind.SOURCE_UNAVAILABLE);
    refusing.put(TWO, ErrorKind.SOURCE_UNAVAILABLE);
    assertThat(connect(hosts)).isEqualTo(THREE);
    refusing.clear();

    assertThat(connect(hosts)).isEqualTo(THREE);
    assertThat(tried).containsExactly(THREE);
    refusing.put(THREE, ErrorKind.SOURCE_UNAVAILABLE);

    assertThat(connect(hosts)).isEqualTo(ONE);
    assertThat(tried).containsExactly(THREE, ONE);
  }

  @Test
  void saysWhatEachAnswered() {
    refusing.put(ONE, ErrorKind.SOURCE_AUTHENTICATION);
    refusing.put(TWO, ErrorKind.SOURCE_UNAVAILABLE);
    EtlException failure = failure(hosts(ONE, TWO));
    assertThat(failure)
        .hasMessage(
            "connect failed, none of the hosts is a primary to connect to: one:1: refused as"
                + " SOURCE_AUTHENTICATION; two:2: refused as SOURCE_UNAVAILABLE");
    assertThat(failure.getCause()).hasMessageContaining("connect to one:1 failed");
    assertThat(failure.getSuppressed()).hasSize(1);
  }

  /** One that cannot be reached at the moment may be the primary. */
  @Test
  void isTemporaryIfOneOfThemMayBecomeGood() {
    refusing.put(ONE, ErrorKind.SOURCE_AUTHENTICATION);
    refusing.put(TWO, ErrorKind.SOURCE_BUSY);
    EtlException failure = failure(hosts(ONE, TWO));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
  }

  @Test
  void needsAnOperatorIfAllOfThemDo() {
    refusing.put(ONE, ErrorKind.SOURCE_AUTHENTICATION);
    refusing.put(TWO, ErrorKind.SOURCE_CONFIGURATION);
    EtlException failure = failure(hosts(ONE, TWO));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(failure.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(failure.fix()).isEqualTo("fix one:1");
  }

  @Test
  void aSingleHostFailsWithItsOwnFailure() {
    refusing.put(ONE, ErrorKind.SOURCE_PERMISSION);
    assertThat(failure(hosts(ONE))).hasMessage("connect to one:1 failed. fix one:1");
  }

  @Test
  void triesNoOtherHostIfTheFailureIsNotTheHosts() {
    Hosts hosts = hosts(ONE, TWO);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(
            () ->
                hosts.first(
                    "connect",
                    host -> {
                      tried.add(host);
                      throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "no credentials");
                    }))
        .withMessage("no credentials");
    assertThat(tried).containsExactly(ONE);
  }

  @Test
  void theUrlLeadsToTheAddress() {
    assertThat(hosts(ONE).url(ONE.at("10.0.0.7"))).isEqualTo("jdbc:postgresql://10.0.0.7:1/shop");
    assertThat(hosts(ONE).url(PgHost.of("::1", 2))).isEqualTo("jdbc:postgresql://[::1]:2/shop");
  }
}
