package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServiceTest {
  private static final String IDLE = "postgres: etl bench 127.0.0.1(50000) idle";
  private static final String COPYING = "postgres: etl bench 127.0.0.1(50000) COPY";
  private static final String SYNCING = "postgres: walsender etl bench 127.0.0.1(50000) COPY";

  @Test
  void aCopyBeginsWithTheFirstRowsThatAreSent() {
    assertThat(Service.COPY.begins(IDLE)).isFalse();
    assertThat(Service.COPY.begins(COPYING)).isTrue();
    assertThat(Service.COPY.begins(SYNCING)).isTrue();
    assertThat(Service.COPY.counts(IDLE)).isTrue();
  }

  @Test
  void aSessionBeginsWithTheFirstConnection() {
    assertThat(Service.SESSION.begins(IDLE)).isTrue();
    assertThat(Service.SESSION.counts(IDLE)).isTrue();
  }

  @Test
  void onlyWalSendersAreOfAStream() {
    assertThat(Service.STREAM.begins(COPYING)).isFalse();
    assertThat(Service.STREAM.counts(COPYING)).isFalse();
    assertThat(Service.STREAM.counts(SYNCING)).isTrue();
  }
}
