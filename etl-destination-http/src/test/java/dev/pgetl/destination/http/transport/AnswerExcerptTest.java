package dev.pgetl.destination.http.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.http.transport.Outcome.Answered;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AnswerExcerptTest {
  private static final String SENT =
      "{\"values\":[4711,\"Ann Müller\",\"ann@example.com\",\"c2VjcmV0\",\"a duplicate\"]}";
  private static final String PASSWORD = "svc-etl:hunter2 password";
  private final AnswerExcerpt excerpt =
      new AnswerExcerpt(List.of("public.users", "email text", "values"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "the field email is too long|the field email is too long",
        "{'detail': 'Email, required!'}|detail Email required",
        "user Ann is not valid|user *** is not valid",
        "no ANN MÜLLER there|no *** there",
        "bad email: ann@example.com!|bad email ***",
        "id=4711 and 47 at 5|id *** and *** at ***",
        "token 4711_s3cr3t_4711 refused|token *** refused",
        "valueMüllerGlued|***",
        "base64 c2VjcmV0|base64 ***",
        "users.values of public|users values of public",
        "secret word unknown|*** unknown",
        "the value duplicate|the value ***",
        "password token expired|*** token expired",
        "Bearer required|*** required"
      })
  void showsKnownWordsThatWereNotSent(String answer, String expected) {
    assertThat(of("text/plain", answer)).isEqualTo(expected);
  }

  /** What receivers do to a text that they repeat; none of it may be readable. */
  @ParameterizedTest
  @MethodSource
  void showsNoSpellingOfAValue(String spelling) {
    String answer = "invalid value " + spelling + " for email";

    assertThat(of("application/json", answer)).isEqualTo("invalid value *** for email");
  }

  static List<String> showsNoSpellingOfAValue() {
    String value = "Jürgen Müllerstraße geheim4711";
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return List.of(
        value,
        value.toUpperCase(Locale.ROOT),
        Normalizer.normalize(value, Normalizer.Form.NFD),
        "J\\u00fcrgen M\\u00fcllerstra\\u00dfe geheim4711",
        URLEncoder.encode(value, StandardCharsets.UTF_8),
        "J%C3%BCrgen%20M%C3%BCllerstra%C3%9Fe%20geheim4711",
        "J&uuml;rgen M&#252;llerstra&szlig;e",
        "b'J\\xc3\\xbcrgen M\\xc3\\xbcllerstra'",
        new String(utf8, StandardCharsets.ISO_8859_1),
        Base64.getEncoder().encodeToString(utf8),
        Base64.getUrlEncoder().encodeToString(utf8),
        HexFormat.of().formatHex(utf8),
        HexFormat.ofDelimiter(":").withUpperCase().formatHex(utf8),
        "J-ü-r-g-e-n",
        "1,234,567.89",
        new StringBuilder(value).reverse().toString(),
        "svc-etl:hunter2",
        "hunter2 svc",
        "unbekannt");
  }

  @Test
  void isShortAndOnOneLine() {
    assertThat(of("application/json", "not\r\n\tnull\u0000is\u2028bad"))
        .isEqualTo("not null is bad");
    assertThat(of("text/html", "<is>not?</is>".repeat(1_000)))
        .startsWith("is not is is")
        .endsWith("…")
        .hasSizeLessThan(302);
    assertThat(of("text/plain", "x".repeat(299) + " passwordsecret")).isEqualTo("***…");
  }

  @Test
  void showsTextOnly() {
    assertThat(of("application/problem+json", "{\"status\":\"bad\"}")).isEqualTo("status bad");
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
            "",
            answer.getBytes(StandardCharsets.UTF_8),
            new SentHeaders(
                Map.of(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(PASSWORD.getBytes(UTF_8)),
                    "X-Api-Key",
                    "Bearer s3cr3t")));
    return excerpt.of(answered, ByteBuffer.wrap(SENT.getBytes(StandardCharsets.UTF_8)));
  }
}
