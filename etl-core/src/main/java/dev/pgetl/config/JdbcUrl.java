package dev.pgetl.config;

import dev.pgetl.config.TlsConfig.ChannelBinding;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads JDBC URLs of Postgres, as far as they say something that a pipeline can do. */
final class JdbcUrl {
  private static final String PREFIX = "jdbc:postgresql://";

  private static final Pattern PARTS =
      Pattern.compile(PREFIX + "(?<hosts>[^/?@\\s]+)/(?<name>[^/?\\s]+)(\\?(?<q>.*))?");

  private JdbcUrl() {}

  /** {@return a builder with what the URL says} */
  static PgConnectionConfig.Builder read(String url) {
    if (!url.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "not a JDBC URL of Postgres: it must start with " + PREFIX);
    }
    Matcher parts = PARTS.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "the JDBC URL must name a host and a database, as in "
              + PREFIX
              + "host:5432/database?user=…");
    }
    Map<String, String> parameters = parameters(Objects.requireNonNullElse(parts.group("q"), ""));
    PgConnectionConfig.Builder builder =
        PgConnectionConfig.builder(
            PgHost.list(parts.group("hosts")),
            decode(parts.group("name").replace("+", "%2B")),
            parameters.getOrDefault("user", ""));
    parameters.forEach((key, value) -> set(builder, key, value));
    return builder.tls(tls(parameters));
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the JDBC URL has a % that no two hexadecimal digits follow; write it as %25");
    }
  }

  private static void set(PgConnectionConfig.Builder builder, String key, String value) {
    switch (key) {
      case "user", "sslmode", "channelBinding" -> {}
      case "password" -> builder.password(value);
      case "connectTimeout" -> builder.connectTimeout(seconds(value));
      case "targetServerType" -> requirePrimary(value);
      default ->
          throw new IllegalArgumentException(
              "JDBC URL parameter " + key + " is not understood; use the builder");
    }
  }

  /** A pipeline connects to the primary in any case. */
  private static void requirePrimary(String value) {
    if (!value.equals("primary")) {
      throw new IllegalArgumentException(
          "targetServerType of a JDBC URL must be primary, is " + value);
    }
  }

  private static Duration seconds(String value) {
    try {
      return Duration.ofSeconds(Long.parseLong(value));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "connectTimeout must be a number of seconds, is " + value, e);
    }
  }

  private static TlsConfig tls(Map<String, String> parameters) {
    String mode = parameters.getOrDefault("sslmode", "disable").toLowerCase(Locale.ROOT);
    TlsConfig tls =
        switch (mode) {
          case "disable" -> TlsConfig.DISABLED;
          case "verify-full" -> TlsConfig.trusting("");
          default ->
              throw new IllegalArgumentException(
                  "sslmode must be disable or verify-full, is " + mode);
        };
    String binding = parameters.getOrDefault("channelBinding", "prefer");
    return switch (binding) {
      case "prefer" -> tls;
      case "require" -> tls.withChannelBinding(ChannelBinding.REQUIRE);
      default ->
          throw new IllegalArgumentException(
              "channelBinding must be prefer or require, is " + binding);
    };
  }
}
