package dev.pgetl.destination.http.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.http.transport.Outcome.Answered;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerExcerptTest {
  private static final String SENT =
      "{\"values\":[4711,\"Ann Müller\",\"ann@example.com\",\"c2VjcmV0\",\"x\"]}";
  private final AnswerExcerpt excerpt =
      new AnswerExcerpt(List.of("public.users", "email text", "values"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "the field email is too long|the field email is too long",
        "user Ann is not wanted|user *** is not wanted",
        "no ANN MÜLLER here|no *** *** here",
        "bad email: ann@example.com!|bad email: ***@***.***!",
        "id=4711 and 47, not 5|id=*** and ***, not 5",
        "prefix_4711_suffix|prefix_***_suffix",
        "valueMüllerGlued|***",
        "cut: Mül|cut: ***",
        "base64 c2VjcmV0|base64 ***",
        "token s3cr3t refused|token *** refused",
        "users.values of public|users.values of public"
      })
  void blacksOutWhatWasSent(String answer, String expected) {
    assertThat(of("text/plain", answer)).isEqualTo(expected);
  }

  @Test
  void isShortAndOnOneLine() {
    assertThat(of("application/json", "q\r\n\tz\u0000k\u2028w")).isEqualTo("q z k w");
    assertThat(of("text/html", "<q>?</q>".repeat(1_000))).hasSize(301).endsWith("…");
  }

  @Test
  void showsTextOnly() {
    assertThat(of("application/problem+json", "{}")).isEqualTo("{}");
    assertThat(of("image/png", "no")).isEmpty();
    assertThat(of("", "no")).isEmpty();
    assertThat(of("text/plain", "")).isEmpty();
  }

  private String of(String contentType, String answer) {
    Answered answered =
        new Answered(
            400,
            contentType,
            "",
            "",
            answer.getBytes(StandardCharsets.UTF_8),
            new SentHeaders(Map.of("Authorization", "Bearer s3cr3t")));
    return excerpt.of(answered, ByteBuffer.wrap(SENT.getBytes(StandardCharsets.UTF_8)));
  }
}
