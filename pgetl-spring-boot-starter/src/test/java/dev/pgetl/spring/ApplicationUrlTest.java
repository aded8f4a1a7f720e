package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationUrlTest {
  private static final String BASE = "jdbc:postgresql://db:5432/shop";

  @ParameterizedTest
  @CsvSource({
    "currentSchema=shop&ApplicationName=shop&reWriteBatchedInserts=true, ''",
    "user=a&prepareThreshold=3&password=b%26c, ?user=a&password=b%26c",
    "sslmode=prefer, ''",
    "sslmode=disable, ?sslmode=disable",
    "sslmode=verify-full&channelBinding=require, ?sslmode=verify-full&channelBinding=require",
    "ssl=true, ?sslmode=verify-full",
    "ssl, ?sslmode=verify-full",
    "ssl=false, ''",
    "ssl=true&sslmode=disable, ?sslmode=disable",
    "targetServerType=preferSecondary, ''",
    "targetServerType=master&connectTimeout=5, ?targetServerType=primary&connectTimeout=5"
  })
  void keepsWhatSaysHowToReachTheServer(String parameters, String kept) {
    assertThat(ApplicationUrl.forPipeline(BASE + "?" + parameters, false)).isEqualTo(BASE + kept);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sslmode=require",
        "sslmode=verify-ca",
        "sslrootcert=/ca.pem",
        "sslcert=/client.pem",
        "sslfactory=org.example.Factory",
        "gssEncMode=require"
      })
  void refusesWhatWouldBeLessSecureWithoutIt(String parameter) {
    assertThatThrownBy(() -> ApplicationUrl.forPipeline(BASE + "?" + parameter, false))
        .isInstanceOf(PgetlSettingsException.class)
        .hasMessageContaining(parameter.startsWith("sslmode") ? parameter : "parameter ");
  }

  @Test
  void doesNotNeedTheAuthoritiesOfTheApplicationIfThePipelineHasItsOwn() {
    assertThat(ApplicationUrl.forPipeline(BASE + "?sslmode=verify-full&sslrootcert=/ca.pem", true))
        .isEqualTo(BASE + "?sslmode=verify-full");
  }
}
