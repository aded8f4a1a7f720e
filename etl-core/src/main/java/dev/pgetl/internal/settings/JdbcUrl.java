package dev.pgetl.internal.settings;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JDBC URL of Postgres, as far as it says something that a pipeline can do. It may hold a
 * password, so that no message repeats it. Immutable.
 */
public final class JdbcUrl {
  private static final String PREFIX = "jdbc:postgresql://";

  private static final Pattern PARTS =
      Pattern.compile(PREFIX + "(?<hosts>[^/?@\\s]+)/(?<name>[^/?\\s]+)(\\?(?<q>.*))?");

  private final String hosts;
  private final String database;
  private final Map<String, String> parameters;

  private JdbcUrl(String hosts, String database, Map<String, String> parameters) {
    this.hosts = hosts;
    this.database = database;
    this.parameters = parameters;
  }

  /**
   * {@return the parts of a URL}
   *
   * @throws IllegalArgumentException if it is none, or has a parameter that is not understood
   */
  public static JdbcUrl parse(String url) {
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
    parameters.forEach(JdbcUrl::check);
    String database = decode(parts.group("name").replace("+", "%2B"));
    return new JdbcUrl(parts.group("hosts"), database, parameters);
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

  private static void check(String key, String value) {
    switch (key) {
      case "user", "password" -> {}
      case "connectTimeout" -> {
        Duration unused = seconds(value);
      }
      case "sslmode" ->
          requireOneOf("sslmode", value.toLowerCase(Locale.ROOT), "disable", "verify-full");
      case "channelBinding" -> requireOneOf("channelBinding", value, "prefer", "require");
      case "targetServerType" ->
          requireOneOf("targetServerType of a JDBC URL", value, "primary", "secondary");
      default ->
          throw new IllegalArgumentException(
              "JDBC URL parameter " + key + " is not understood; use the builder");
    }
  }

  private static void requireOneOf(String key, String value, String first, String second) {
    if (!value.equals(first) && !value.equals(second)) {
      throw new IllegalArgumentException(
          key + " must be " + first + " or " + second + ", is " + value);
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

  /** {@return the list of hosts, as text} */
  public String hosts() {
    return hosts;
  }

  /** {@return the database} */
  public String database() {
    return database;
  }

  /** {@return the role; empty if it names none} */
  public String user() {
    return parameters.getOrDefault("user", "");
  }

  /** {@return the password; empty if it has none} */
  public String password() {
    return parameters.getOrDefault("password", "");
  }

  /**
   * {@return how long to wait for a connection}
   *
   * @param otherwise if it says nothing of that
   */
  public Duration connectTimeout(Duration otherwise) {
    String value = parameters.get("connectTimeout");
    return value == null ? otherwise : seconds(value);
  }

  /** {@return whether the server is a standby} */
  public boolean isStandby() {
    return parameters.getOrDefault("targetServerType", "").equals("secondary");
  }

  /** {@return whether connections are encrypted} */
  public boolean isEncrypted() {
    return parameters.getOrDefault("sslmode", "").equalsIgnoreCase("verify-full");
  }

  /** {@return whether a login must be bound to its connection} */
  public boolean requiresChannelBinding() {
    return parameters.getOrDefault("channelBinding", "").equals("require");
  }
}
