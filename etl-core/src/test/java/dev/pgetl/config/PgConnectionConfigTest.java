package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.ValueEquality;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PgConnectionConfigTest {
  private static PgConnectionConfig.Builder valid() {
    return PgConnectionConfig.builder("db.example.com", "shop", "etl");
  }

  @Test
  void hasDefaultsThatWork() {
    PgConnectionConfig config = valid().build();

    assertThat(config.host()).isEqualTo("db.example.com");
    assertThat(config.port()).isEqualTo(5432);
    assertThat(config.name()).isEqualTo("shop");
    assertThat(config.hosts()).containsExactly(PgHost.of("db.example.com", 5432));
    assertThat(config.username()).isEqualTo("etl");
    assertThat(config.password()).isEqualTo(Secret.of(""));
    assertThat(config.asksForCredentials()).isFalse();
    assertThat(config.tls()).isEqualTo(TlsConfig.DISABLED);
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.statusInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.walSenderTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.lockTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.readDelay()).isEqualTo(Duration.ofMillis(20));
  }

  @Test
  void keepsWhatItIsGiven() {
    TlsConfig tls = TlsConfig.trusting("");

    PgConnectionConfig config =
        valid()
            .username("other")
            .port(6543)
            .password("s3cret")
            .tls(tls)
            .connectTimeout(Duration.ofSeconds(2))
            .statusInterval(Duration.ofSeconds(3))
            .walSenderTimeout(Duration.ofSeconds(9))
            .lockTimeout(Duration.ofSeconds(5))
            .readDelay(Duration.ZERO)
            .build();

    assertThat(config.port()).isEqualTo(6543);
    assertThat(config.username()).isEqualTo("other");
    assertThat(config.password()).isEqualTo(Secret.of("s3cret"));
    assertThat(config.tls()).isEqualTo(tls);
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.statusInterval()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.walSenderTimeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(config.lockTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.readDelay()).isEqualTo(Duration.ZERO);
  }

  @Test
  void isEqualIfEverySettingIs() {
    Duration second = Duration.ofSeconds(2);
    ValueEquality.check(
        () -> valid().build(),
        () -> PgConnectionConfig.builder("other", "shop", "etl").build(),
        () -> PgConnectionConfig.builder("db.example.com", "other", "etl").build(),
        () -> valid().username("other").build(),
        () -> valid().port(1).build(),
        () -> valid().address("10.0.0.7").build(),
        () -> valid().password("s3cret").build(),
        () -> valid().passwordFrom(() -> "s3cret").build(),
        () -> valid().credentialsFrom(host -> Credentials.of("etl", "")).build(),
        () -> valid().tls(TlsConfig.trusting("")).build(),
        () -> valid().connectTimeout(second).build(),
        () -> valid().statusInterval(second).build(),
        () -> valid().walSenderTimeout(Duration.ofSeconds(31)).build(),
        () -> valid().lockTimeout(second).build(),
        () -> valid().readDelay(Duration.ZERO).build());
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void saysWhichSettingIsNull() {
    assertThatNullPointerException().isThrownBy(() -> valid().tls(null)).withMessage("tls");
    assertThatNullPointerException()
        .isThrownBy(() -> valid().lockTimeout(null))
        .withMessage("lockTimeout");
  }

  @Test
  void namesEveryMistakeAtOnce() {
    PgConnectionConfig.Builder wrong =
        PgConnectionConfig.builder(" ", "", "")
            .port(65_536)
            .connectTimeout(Duration.ZERO)
            .statusInterval(Duration.ofSeconds(10))
            .walSenderTimeout(Duration.ofSeconds(29))
            .lockTimeout(Duration.ZERO)
            .readDelay(Duration.ofMillis(101));

    assertThatIllegalArgumentException()
        .isThrownBy(wrong::build)
        .withMessage(
            "PgConnectionConfig is not valid: "
                + "pgConnection.host is empty; "
                + "pgConnection.port must be within 1 and 65535, is 65536; "
                + "pgConnection.name (the database) is empty; "
                + "pgConnection.username is empty; "
                + "pgConnection.connectTimeout must be positive, is PT0S; "
                + "pgConnection.lockTimeout must be positive, is PT0S; "
                + "pgConnection.readDelay must be at most 100 ms, is PT0.101S; "
                + "pgConnection.walSenderTimeout must be at least three times statusInterval");
  }

  @Test
  void refusesDurationsWhoseNanosecondsWouldOverflow() {
    Duration forever = Duration.ofSeconds(Long.MAX_VALUE);

    assertThatIllegalArgumentException()
        .isThrownBy(valid().statusInterval(forever).walSenderTimeout(forever)::build)
        .withMessageContaining("statusInterval must be at most 365 days")
        .withMessageContaining("walSenderTimeout must be at most 365 days");
  }

  @Test
  void takesTheFirstAndTheLastPort() {
    assertThat(valid().port(1).build().port()).isEqualTo(1);
    assertThat(valid().port(65_535).build().port()).isEqualTo(65_535);
    assertThatIllegalArgumentException().isThrownBy(valid().port(0)::build);
  }

  @Test
  void readsAJdbcUrl() {
    PgConnectionConfig config =
        PgConnectionConfig.jdbcUrl(
                "jdbc:postgresql://db.example.com:6543/my%20shop"
                    + "?user=etl&password=s3%26cret&sslmode=verify-full&connectTimeout=7")
            .build();

    assertThat(config.host()).isEqualTo("db.example.com");
    assertThat(config.port()).isEqualTo(6543);
    assertThat(config.name()).isEqualTo("my shop");
    assertThat(config.username()).isEqualTo("etl");
    assertThat(config.password()).isEqualTo(Secret.of("s3&cret"));
    assertThat(config.tls()).isEqualTo(TlsConfig.trusting(""));
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void readsAHostNameOfContainers() {
    assertThat(PgConnectionConfig.jdbcUrl("jdbc:postgresql://shop_db:5433/a+b?user=etl").build())
        .satisfies(
            config -> {
              assertThat(config.host()).isEqualTo("shop_db");
              assertThat(config.port()).isEqualTo(5433);
              assertThat(config.name()).isEqualTo("a+b");
            });
  }

  @Test
  void readsAShortJdbcUrl() {
    PgConnectionConfig config =
        PgConnectionConfig.jdbcUrl("jdbc:postgresql://[::1]/shop").username("etl").build();

    assertThat(config.host()).isEqualTo("::1");
    assertThat(config.port()).isEqualTo(5432);
    assertThat(config.tls()).isEqualTo(TlsConfig.DISABLED);
  }

  @Test
  void readsAJdbcUrlWithSeveralHosts() {
    PgConnectionConfig config =
        PgConnectionConfig.jdbcUrl(
                "jdbc:postgresql://db1,[::1]:5433/shop?user=etl&targetServerType=primary"
                    + "&channelBinding=require&sslmode=verify-full")
            .build();

    assertThat(config.hosts()).containsExactly(PgHost.of("db1", 5432), PgHost.of("::1", 5433));
    assertThat(config.tls().channelBinding()).isEqualTo(TlsConfig.ChannelBinding.REQUIRE);
  }

  @Test
  void aStandbyToReadFromIsTheOnlyHost() {
    PgConnectionConfig read =
        PgConnectionConfig.jdbcUrl(
                "jdbc:postgresql://replica/shop?user=etl&targetServerType=secondary")
            .build();

    assertThat(read.readsFromStandby()).isTrue();
    assertThat(read)
        .isEqualTo(
            PgConnectionConfig.builder("replica", "shop", "etl").readFromStandby(true).build())
        .isNotEqualTo(PgConnectionConfig.builder("replica", "shop", "etl").build());
    assertThatIllegalArgumentException()
        .isThrownBy(
            PgConnectionConfig.builder(PgHost.list("a,b"), "shop", "etl").readFromStandby(true)
                ::build)
        .withMessageContaining("readFromStandby allows one host");
  }

  @Test
  void takesSeveralHostsWithTheirPortsAndAddresses() {
    List<PgHost> hosts = List.of(PgHost.of("db1", 5432), PgHost.of("db2", 5433).at("10.0.0.7"));
    PgConnectionConfig.Builder builder = PgConnectionConfig.builder(hosts, "shop", "etl");

    assertThat(builder.build().hosts()).isEqualTo(hosts);
    assertThat(builder.build().host()).isEqualTo("db1");
    assertThatIllegalStateException().isThrownBy(() -> builder.port(1));
    assertThatIllegalStateException().isThrownBy(() -> builder.address("10.0.0.8"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PgConnectionConfig.builder(List.of(), "shop", "etl"));
  }

  @Test
  void oneHostOfAListIsAsGoodAsOneHost() {
    assertThat(
            PgConnectionConfig.builder(List.of(PgHost.of("db.example.com", 1)), "shop", "etl")
                .port(5432)
                .build())
        .isEqualTo(valid().build());
  }

  @Test
  void asksForCredentialsIfTheyChange() throws Exception {
    PgHost host = PgHost.of("db", 1);
    PgConnectionConfig password = valid().username("other").passwordFrom(() -> "s3cret").build();
    PgConnectionConfig both =
        PgConnectionConfig.builder("db", "shop", "")
            .credentialsFrom(to -> Credentials.of(to.name(), "s3cret"))
            .build();

    assertThat(valid().password("s3cret").build().credentials().get(host))
        .isEqualTo(Credentials.of("etl", "s3cret"));
    assertThat(password.credentials().get(host)).isEqualTo(Credentials.of("other", "s3cret"));
    assertThat(both.credentials().get(host)).isEqualTo(Credentials.of("db", "s3cret"));
    assertThat(password.asksForCredentials() && both.asksForCredentials()).isTrue();
    assertThat(password.password()).isEqualTo(Secret.of(""));
  }

  @Test
  void takesOneWayToGetCredentials() {
    assertThatIllegalArgumentException()
        .isThrownBy(valid().password("s3cret").passwordFrom(() -> "s3cret")::build)
        .withMessageContaining("more than one of password, passwordFrom and credentialsFrom")
        .withMessageNotContaining("s3cret");
    assertThatIllegalArgumentException()
        .isThrownBy(PgConnectionConfig.builder("db", "shop", "").passwordFrom(() -> "")::build)
        .withMessageContaining("pgConnection.username is empty");
  }

  @Test
  void anAddressMayStandInBrackets() {
    assertThat(PgConnectionConfig.builder("[::1]", "shop", "etl").build().host()).isEqualTo("::1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "postgresql://db/shop",
        "jdbc:mysql://db/shop",
        "jdbc:postgresql://db",
        "jdbc:postgresql://db/",
        "jdbc:postgresql:///shop",
        "jdbc:postgresql://user:s3cret@db/shop",
        "jdbc:postgresql://db/shop?password=s3cret%zz",
        "jdbc:postgresql://db/shop?password=s3cret&sslmode=prefer",
        "jdbc:postgresql://db/shop?password=s3cret&targetServerType=any",
        "jdbc:postgresql://db/shop?password=s3cret&sslmode=verify-full&channelBinding=disable",
        "jdbc:postgresql://db/shop?password=s3cret&connectTimeout=soon"
      })
  void refusesOtherJdbcUrlsWithoutRepeatingThem(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PgConnectionConfig.jdbcUrl(url))
        .withMessageMatching(".*(JDBC URL|sslmode|connectTimeout|channelBinding).*")
        .withMessageNotContaining("s3cret");
  }

  @Test
  void printsNoPassword() {
    assertThat(valid().password("s3cret").build().toString())
        .contains("db.example.com", "shop", "Secret[redacted]")
        .doesNotContain("s3cret");
    record Talkative(String token) implements Credentials.Source {
      @Override
      public Credentials get(PgHost host) {
        return Credentials.of("etl", token);
      }
    }

    assertThat(valid().credentialsFrom(new Talkative("s3cret")).build().toString())
        .doesNotContain("s3cret");
  }
}
