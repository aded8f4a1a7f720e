package dev.pgetl.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How to reach the Postgres server. It must be the server itself: connection poolers and load
 * balancers do not carry replication.
 *
 * @param host host name or address
 * @param port TCP port
 * @param name the database
 * @param username a role that may log in and replicate
 * @param password its password; empty where the server asks for none
 * @param tls encryption
 * @param connectTimeout how long to wait for a connection
 * @param statusInterval how often the stream reports its position when nothing else makes it do so
 * @param walSenderTimeout how long either side waits for a sign of life before it gives the stream
 *     up
 * @param lockTimeout how long a copy waits for its table lock, and slot creation for transactions
 *     that were open before it
 * @param readDelay how long the stream lets bytes gather while the server is sending as fast as it
 *     can; saves both sides CPU time and costs nothing when traffic is light. Zero reads as soon as
 *     a byte is there
 */
public record PgConnectionConfig(
    String host,
    int port,
    String name,
    String username,
    Secret password,
    TlsConfig tls,
    Duration connectTimeout,
    Duration statusInterval,
    Duration walSenderTimeout,
    Duration lockTimeout,
    Duration readDelay) {
  private static final Pattern JDBC_URL =
      Pattern.compile(
          "jdbc:postgresql://(\\[(?<v6>[0-9a-fA-F:.%]+)]|(?<host>[^:/?@,\\[\\]\\s]+))(:(?<port>[0-9]{1,5}))?"
              + "/(?<name>[^/?\\s]+)(\\?(?<q>.*))?");

  /**
   * Checks all settings together.
   *
   * @param host host name or address
   * @param port TCP port
   * @param name the database
   * @param username the role
   * @param password its password
   * @param tls encryption
   * @param connectTimeout limit of connecting
   * @param statusInterval interval of status messages
   * @param walSenderTimeout silence that ends a stream
   * @param lockTimeout limit of waiting for locks
   * @param readDelay how long bytes may gather
   */
  public PgConnectionConfig {
    Objects.requireNonNull(password, "password");
    Objects.requireNonNull(tls, "tls");
    Problems problems = new Problems();
    problems.require(!host.isBlank(), "pgConnection.host is empty");
    problems.require(
        port > 0 && port < 65536, "pgConnection.port must be within 1 and 65535, is " + port);
    problems.require(!name.isBlank(), "pgConnection.name (the database) is empty");
    problems.require(!username.isBlank(), "pgConnection.username is empty");
    problems.requirePositive("pgConnection.connectTimeout", connectTimeout);
    problems.requirePositive("pgConnection.statusInterval", statusInterval);
    problems.requirePositive("pgConnection.lockTimeout", lockTimeout);
    problems.requireNotNegative("pgConnection.readDelay", readDelay);
    problems.require(
        readDelay.compareTo(Duration.ofMillis(100)) <= 0,
        "pgConnection.readDelay must be at most 100 ms, is " + readDelay);
    problems.requirePositive("pgConnection.walSenderTimeout", walSenderTimeout);
    problems.require(
        walSenderTimeout.dividedBy(3).compareTo(statusInterval) >= 0,
        "pgConnection.walSenderTimeout must be at least three times statusInterval");
    problems.throwIfAny("PgConnectionConfig");
  }

  /**
   * {@return a builder}
   *
   * @param host host name or address
   * @param name the database
   * @param username the role
   */
  public static Builder builder(String host, String name, String username) {
    return new Builder(host, name, username);
  }

  /**
   * {@return a builder filled from a JDBC URL} Understood are {@code user}, {@code password},
   * {@code sslmode} ({@code disable}, or {@code verify-full} with the JVM's trust) and {@code
   * connectTimeout} in seconds.
   *
   * @param url for example {@code jdbc:postgresql://db.example.com:5432/shop?user=etl}
   * @throws IllegalArgumentException if it is no such URL, or names another parameter; the URL
   *     itself is not repeated
   */
  public static Builder jdbcUrl(String url) {
    String prefix = "jdbc:postgresql://";
    if (!url.startsWith(prefix)) {
      throw new IllegalArgumentException(
          "not a JDBC URL of Postgres: it must start with " + prefix);
    }
    Matcher parts = JDBC_URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "the JDBC URL must name one host and a database, as in "
              + prefix
              + "host:5432/database?user=…");
    }
    Map<String, String> parameters = parameters(Objects.requireNonNullElse(parts.group("q"), ""));
    String host = Objects.requireNonNullElse(parts.group("v6"), parts.group("host"));
    String user = parameters.getOrDefault("user", "");
    Builder builder = new Builder(host, decode(parts.group("name").replace("+", "%2B")), user);
    return builder
        .port(Integer.parseInt(Objects.requireNonNullElse(parts.group("port"), "5432")))
        .parameters(parameters);
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new HashMap<>();
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

  /** Builds a {@link PgConnectionConfig}. Not thread-safe. */
  public static final class Builder {
    private final String host;
    private final String name;
    private String username;
    private int port = 5432;
    private Secret password = Secret.of("");
    private TlsConfig tls = TlsConfig.DISABLED;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration statusInterval = Duration.ofSeconds(1);
    private Duration walSenderTimeout = Duration.ofSeconds(30);
    private Duration lockTimeout = Duration.ofSeconds(30);
    private Duration readDelay = Duration.ofMillis(10);

    private Builder(String host, String name, String username) {
      this.host = Objects.requireNonNull(host, "host");
      this.name = Objects.requireNonNull(name, "name");
      this.username = Objects.requireNonNull(username, "username");
    }

    private Builder parameters(Map<String, String> parameters) {
      parameters.forEach(this::parameter);
      return this;
    }

    private void parameter(String key, String value) {
      switch (key) {
        case "user" -> username = value;
        case "password" -> password = Secret.of(value);
        case "connectTimeout" -> connectTimeout = secondsOf(value);
        case "sslmode" -> tls = tlsOf(value.toLowerCase(Locale.ROOT));
        default ->
            throw new IllegalArgumentException(
                "JDBC URL parameter " + key + " is not understood; use the builder");
      }
    }

    private static Duration secondsOf(String value) {
      try {
        return Duration.ofSeconds(Long.parseLong(value));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "connectTimeout must be a number of seconds, is " + value, e);
      }
    }

    private static TlsConfig tlsOf(String mode) {
      return switch (mode) {
        case "disable" -> TlsConfig.DISABLED;
        case "verify-full" -> TlsConfig.trusting("");
        default ->
            throw new IllegalArgumentException(
                "sslmode must be disable or verify-full, is " + mode);
      };
    }

    /**
     * Sets the role.
     *
     * @param value a role that may log in and replicate
     * @return this builder
     */
    public Builder username(String value) {
      username = value;
      return this;
    }

    /**
     * Sets the port; default 5432.
     *
     * @param value a TCP port
     * @return this builder
     */
    public Builder port(int value) {
      port = value;
      return this;
    }

    /**
     * Sets the password; default none.
     *
     * @param value the password
     * @return this builder
     */
    public Builder password(String value) {
      password = Secret.of(value);
      return this;
    }

    /**
     * Sets encryption; default off.
     *
     * @param value how to encrypt
     * @return this builder
     */
    public Builder tls(TlsConfig value) {
      tls = value;
      return this;
    }

    /**
     * Sets how long to wait for a connection; default 10 seconds.
     *
     * @param value positive
     * @return this builder
     */
    public Builder connectTimeout(Duration value) {
      connectTimeout = value;
      return this;
    }

    /**
     * Sets how often the stream reports its position at least; default 1 second.
     *
     * @param value positive
     * @return this builder
     */
    public Builder statusInterval(Duration value) {
      statusInterval = value;
      return this;
    }

    /**
     * Sets how long either side waits for a sign of life; default 30 seconds. It is also how long
     * the server may hold the slot after this process was killed without the connection being
     * closed.
     *
     * @param value at least three times the status interval
     * @return this builder
     */
    public Builder walSenderTimeout(Duration value) {
      walSenderTimeout = value;
      return this;
    }

    /**
     * Sets how long a copy waits for its table lock and for older transactions to end; default 30
     * seconds.
     *
     * @param value positive
     * @return this builder
     */
    public Builder lockTimeout(Duration value) {
      lockTimeout = value;
      return this;
    }

    /**
     * Sets how long bytes may gather under load; default 10 milliseconds. Copies of tables, which
     * come faster, gather for at most 2.
     *
     * @param value from zero to 100 milliseconds
     * @return this builder
     */
    public Builder readDelay(Duration value) {
      readDelay = value;
      return this;
    }

    /**
     * {@return the configuration}
     *
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public PgConnectionConfig build() {
      return new PgConnectionConfig(
          host,
          port,
          name,
          username,
          password,
          tls,
          connectTimeout,
          statusInterval,
          walSenderTimeout,
          lockTimeout,
          readDelay);
    }
  }
}
