package dev.pgetl.destination.http.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.Secret;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
  private static final Instant TIME = Instant.ofEpochSecond(1614265330);

  @Test
  void signsLikeTheExampleOfTheStandard() {
    Map<String, String> headers =
        Signature.headers(
            Secret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            TIME,
            body("{\"test\": ", "2432232314}"));

    assertThat(headers)
        .containsEntry("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
        .containsEntry("webhook-timestamp", "1614265330")
        .containsEntry("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void takesAnyTextAsAKey() {
    assertThat(Signature.headers(Secret.of("plain"), "id", TIME, RequestBody.EMPTY))
        .isNotEqualTo(Signature.headers(Secret.of("other"), "id", TIME, RequestBody.EMPTY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whsec_", "whsec_***"})
  void refusesWhatIsNoKey(String key) {
    assertThatThrownBy(() -> Signature.headers(Secret.of(key), "id", TIME, RequestBody.EMPTY))
        .isInstanceOfSatisfying(
            EtlException.class,
            e -> assertThat(e.kind()).isEqualTo(ErrorKind.DESTINATION_AUTHENTICATION))
        .hasMessage("the signing key is empty, or not base64 behind whsec_");
  }

  private static RequestBody body(String first, String second) {
    return RequestBody.of(
        ByteBuffer.wrap(first.getBytes(StandardCharsets.UTF_8)),
        ByteBuffer.wrap(second.getBytes(StandardCharsets.UTF_8)));
  }
}
