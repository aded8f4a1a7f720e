package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.ValueEquality;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.Standby;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineConfigTest {
  private static final PgConnectionConfig CONNECTION =
      PgConnectionConfig.builder("db.example.com", "shop", "etl").password("s3cret").build();

  private static PipelineConfig.Builder valid() {
    return PipelineConfig.builder("orders", "orders_publication", CONNECTION);
  }

  @Test
  void hasDefaultsThatWork() {
    PipelineConfig config = valid().build();

    assertThat(config.id()).isEqualTo("orders");
    assertThat(config.publicationName()).isEqualTo("orders_publication");
    assertThat(config.pgConnection()).isSameAs(CONNECTION);
    assertThat(config.batch()).isEqualTo(BatchConfig.DEFAULT);
    assertThat(config.maxBufferedBytes())
        .isBetween(1L, 256L << 20)
        .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() / 4);
    assertThat(config.tableErrorRetryDelay()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.tableErrorRetryMaxAttempts()).isEqualTo(5);
    assertThat(config.maxTableSyncWorkers()).isEqualTo(4);
    assertThat(config.maxCopyConnectionsPerTable()).isEqualTo(2);
    assertThat(config.tableCopy()).isEqualTo(TableCopyConfig.all());
    assertThat(config.invalidatedSlotBehavior()).isEqualTo(InvalidatedSlotBehavior.ERROR);
    assertThat(config.publicationRefreshInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.messagePrefixes()).isEmpty();
    assertThat(config.binary()).isFalse();
    assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.standby()).isEqualTo(Standby.AUTO);
  }

  @Test
  void waitsAsAStandbyIfAsked() {
    LeaseConfig lease = LeaseConfig.builder().build();
    assertThat(valid().standby(lease).build().standby()).isEqualTo(lease);
  }

  @Test
  void keepsWhatItIsGiven() {
    BatchConfig batch = BatchConfig.builder().maxSize(1).build();

    PipelineConfig config =
        valid()
            .batch(batch)
            .maxBufferedBytes(1)
            .tableErrorRetryDelay(Duration.ofNanos(1))
            .tableErrorRetryMaxAttempts(0)
            .maxTableSyncWorkers(1)
            .maxCopyConnectionsPerTable(1)
            .tableCopy(TableCopyConfig.none())
            .invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE)
            .publicationRefreshInterval(Duration.ZERO)
            .messagePrefixes(Set.of("audit"))
            .binary(true)
            .shutdownTimeout(Duration.ofNanos(1))
            .build();

    assertThat(config.batch()).isEqualTo(batch);
    assertThat(config.maxBufferedBytes()).isEqualTo(1);
    assertThat(config.tableErrorRetryDelay()).isEqualTo(Duration.ofNanos(1));
    assertThat(config.tableErrorRetryMaxAttempts()).isZero();
    assertThat(config.maxTableSyncWorkers()).isEqualTo(1);
    assertThat(config.maxCopyConnectionsPerTable()).isEqualTo(1);
    assertThat(config.tableCopy()).isEqualTo(TableCopyConfig.none());
    assertThat(config.invalidatedSlotBehavior()).isEqualTo(InvalidatedSlotBehavior.RECREATE);
    assertThat(config.publicationRefreshInterval()).isEqualTo(Duration.ZERO);
    assertThat(config.messagePrefixes()).containsExactly("audit");
    assertThat(config.binary()).isTrue();
    assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofNanos(1));
  }

  @Test
  void isEqualIfEverySettingIs() {
    Duration other = Duration.ofSeconds(1);
    PgConnectionConfig elsewhere = PgConnectionConfig.builder("other", "shop", "etl").build();
    ValueEquality.check(
        () -> valid().build(),
        () -> PipelineConfig.builder("other", "orders_publication", CONNECTION).build(),
        () -> PipelineConfig.builder("orders", "other", CONNECTION).build(),
        () -> PipelineConfig.builder("orders", "orders_publication", elsewhere).build(),
        () -> valid().batch(BatchConfig.builder().maxSize(1).build()).build(),
        () -> valid().maxBufferedBytes(1).build(),
        () -> valid().tableErrorRetryDelay(other).build(),
        () -> valid().tableErrorRetryMaxAttempts(1).build(),
        () -> valid().maxTableSyncWorkers(1).build(),
        () -> valid().maxCopyConnectionsPerTable(1).build(),
        () -> valid().tableCopy(TableCopyConfig.none()).build(),
        () -> valid().invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE).build(),
        () -> valid().publicationRefreshInterval(other).build(),
        () -> valid().messagePrefixes(Set.of("audit")).build(),
        () -> valid().binary(true).build(),
        () -> valid().shutdownTimeout(other).build());
  }

  @Test
  void namesEveryMistakeAtOnce() {
    PipelineConfig.Builder wrong =
        PipelineConfig.builder("Not An Id", "", CONNECTION)
            .maxBufferedBytes(0)
            .tableErrorRetryDelay(Duration.ZERO)
            .tableErrorRetryMaxAttempts(-1)
            .maxTableSyncWorkers(0)
            .maxCopyConnectionsPerTable(0)
            .publicationRefreshInterval(Duration.ofSeconds(-1))
            .shutdownTimeout(Duration.ZERO);

    assertThatIllegalArgumentException()
        .isThrownBy(wrong::build)
        .withMessage(
            "PipelineConfig is not valid: "
                + "id must be 1 to 40 lower-case letters, digits and underscores, is \"Not An Id\"; "
                + "publicationName must have 1 to 63 characters; "
                + "maxBufferedBytes must be positive, is 0; "
                + "tableErrorRetryDelay must be positive, is PT0S; "
                + "tableErrorRetryMaxAttempts must not be negative, is -1; "
                + "maxTableSyncWorkers must be positive, is 0; "
                + "maxCopyConnectionsPerTable must be positive, is 0; "
                + "publicationRefreshInterval must not be negative, is PT-1S; "
                + "shutdownTimeout must be positive, is PT0S");
  }

  @Test
  void refusesDurationsWhoseNanosecondsWouldOverflow() {
    Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
    PipelineConfig.Builder wrong =
        valid()
            .tableErrorRetryDelay(forever)
            .publicationRefreshInterval(forever)
            .shutdownTimeout(Duration.ofDays(366));

    assertThatIllegalArgumentException()
        .isThrownBy(wrong::build)
        .withMessageContaining("tableErrorRetryDelay must be at most 365 days")
        .withMessageContaining("publicationRefreshInterval must be at most 365 days")
        .withMessageContaining("shutdownTimeout must be at most 365 days");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "_", "orders_2", "a123456789012345678901234567890123456789"})
  void takesIdsThatFitIntoSlotNames(String id) {
    assertThat(PipelineConfig.builder(id, "p", CONNECTION).build().id()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "a-b", "ä", "a b", "a12345678901234567890123456789012345678901"})
  void refusesOtherIds(String id) {
    assertThatIllegalArgumentException()
        .isThrownBy(PipelineConfig.builder(id, "p", CONNECTION)::build)
        .withMessageContaining("id must be");
  }

  @Test
  void takesPublicationNamesPostgresTakes() {
    assertThat(PipelineConfig.builder("a", "P".repeat(63), CONNECTION).build()).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(PipelineConfig.builder("a", "P".repeat(64), CONNECTION)::build);
  }

  @Test
  void doesNotChangeAfterwards() {
    Set<String> prefixes = new HashSet<>(Set.of("audit"));

    PipelineConfig config = valid().messagePrefixes(prefixes).build();
    prefixes.add("other");

    assertThat(config.messagePrefixes()).containsExactly("audit");
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void saysWhatIsMissing() {
    assertThatNullPointerException()
        .isThrownBy(() -> PipelineConfig.builder(null, "p", CONNECTION))
        .withMessage("id");
    assertThatNullPointerException()
        .isThrownBy(() -> PipelineConfig.builder("a", "p", null))
        .withMessage("pgConnection");
    assertThatNullPointerException()
        .isThrownBy(() -> valid().tableCopy(null))
        .withMessage("tableCopy");
  }

  @Test
  void printsNoPassword() {
    assertThat(valid().build().toString())
        .contains("orders", "db.example.com", "Secret[redacted]")
        .doesNotContain("s3cret");
  }
}
