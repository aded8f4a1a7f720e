package dev.pgetl.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the Postgres server. It must be the server itself: connection poolers and load
 * balancers do not carry replication. {@link Builder} says what each setting does. Immutable; made
 * by {@link #builder} or {@link #jdbcUrl}.
 */
public final class PgConnectionConfig {
  private static final Pattern JDBC_URL =
      Pattern.compile(
          "jdbc:postgresql://(\\[(?<v6>[0-9a-fA-F:.%]+)]|(?<host>[^:/?@,\\[\\]\\s]+))(:(?<port>[0-9]{1,5}))?"
              + "/(?<name>[^/?\\s]+)(\\?(?<q>.*))?");

  private final String host;
  private final int port;
  private final String name;
  private final String username;
  private final Secret password;
  private final TlsConfig tls;
  private final Duration connectTimeout;
  private final Duration statusInterval;
  private final Duration walSenderTimeout;
  private final Duration lockTimeout;
  private final Duration readDelay;

  private PgConnectionConfig(Builder from) {
    host = from.host;
    port = from.port;
    name = from.name;
    username = from.username;
    password = from.password;
    tls = from.tls;
    connectTimeout = from.connectTimeout;
    statusInterval = from.statusInterval;
    walSenderTimeout = from.walSenderTimeout;
    lockTimeout = from.lockTimeout;
    readDelay = from.readDelay;
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

  /** {@return the host name or address} */
  public String host() {
    return host;
  }

  /** {@return the TCP port} */
  public int port() {
    return port;
  }

  /** {@return the database} */
  public String name() {
    return name;
  }

  /** {@return the role} */
  public String username() {
    return username;
  }

  /** {@return the password of the role; empty if there is none} */
  public Secret password() {
    return password;
  }

  /** {@return whether and how connections are encrypted} */
  public TlsConfig tls() {
    return tls;
  }

  /** {@return how long to wait for a connection} */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /** {@return how often the stream reports its position at least} */
  public Duration statusInterval() {
    return statusInterval;
  }

  /** {@return how long either side waits for a sign of life} */
  public Duration walSenderTimeout() {
    return walSenderTimeout;
  }

  /** {@return how long to wait for locks and older transactions} */
  public Duration lockTimeout() {
    return lockTimeout;
  }

  /** {@return how long bytes may gather under load} */
  public Duration readDelay() {
    return readDelay;
  }

  /** The settings by name, for {@code equals}, {@code hashCode} and {@code toString}. */
  private Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("host", host);
    settings.put("port", port);
    settings.put("name", name);
    settings.put("username", username);
    settings.put("password", password);
    settings.put("tls", tls);
    settings.put("connectTimeout", connectTimeout);
    settings.put("statusInterval", statusInterval);
    settings.put("walSenderTimeout", walSenderTimeout);
    settings.put("lockTimeout", lockTimeout);
    settings.put("readDelay", readDelay);
    return settings;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PgConnectionConfig that && settings().equals(that.settings());
  }

  @Override
  public int hashCode() {
    return settings().hashCode();
  }

  @Override
  public String toString() {
    return "PgConnectionConfig" + settings();
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
    private Duration readDelay = Duration.ofMillis(20);

    private Builder(String host, String name, String username) {
      this.host = withoutBrackets(Objects.requireNonNull(host, "host"));
      this.name = Objects.requireNonNull(name, "name");
      this.username = Objects.requireNonNull(username, "username");
    }

    /** An address of IPv6 may be given as in a URL. */
    private static String withoutBrackets(String host) {
      boolean address = host.startsWith("[") && host.endsWith("]") && host.contains(":");
      return address ? host.substring(1, host.length() - 1) : host;
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
      username = Objects.requireNonNull(value, "username");
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
     * @param value the password; empty where the server asks for none
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
      tls = Objects.requireNonNull(value, "tls");
      return this;
    }

    /**
     * Sets how long to wait for a connection; default 10 seconds.
     *
     * @param value positive, at most 365 days
     * @return this builder
     */
    public Builder connectTimeout(Duration value) {
      connectTimeout = Objects.requireNonNull(value, "connectTimeout");
      return this;
    }

    /**
     * Sets how often the stream reports its position at least; default 1 second.
     *
     * @param value positive
     * @return this builder
     */
    public Builder statusInterval(Duration value) {
      statusInterval = Objects.requireNonNull(value, "statusInterval");
      return this;
    }

    /**
     * Sets how long either side waits for a sign of life before it ends the stream; default 30
     * seconds. It is also how long the server may hold the slot after this process was killed
     * without the connection being closed. So a start waits for another process of the pipeline as
     * long as this or {@link #lockTimeout}, whichever is longer, plus 5 seconds.
     *
     * @param value at least three times the status interval, at most 365 days
     * @return this builder
     */
    public Builder walSenderTimeout(Duration value) {
      walSenderTimeout = Objects.requireNonNull(value, "walSenderTimeout");
      return this;
    }

    /**
     * Sets how long a copy waits for its table lock, and the creation of a slot for transactions
     * that were open before it; default 30 seconds.
     *
     * @param value positive, at most 365 days
     * @return this builder
     */
    public Builder lockTimeout(Duration value) {
      lockTimeout = Objects.requireNonNull(value, "lockTimeout");
      return this;
    }

    /**
     * Sets how long the stream lets bytes gather at most while the server sends as fast as it can;
     * default 20 milliseconds. How long it does within this limit follows from how fast bytes come
     * and what the buffers hold. It saves CPU time on both sides and costs nothing when less than
     * two megabytes come per second. Copies of tables, which come faster, gather for at most 2
     * milliseconds. There is rarely a reason to change it.
     *
     * @param value from zero to 100 milliseconds; zero reads as soon as a byte is there
     * @return this builder
     */
    public Builder readDelay(Duration value) {
      readDelay = Objects.requireNonNull(value, "readDelay");
      return this;
    }

    /**
     * {@return the configuration}
     *
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public PgConnectionConfig build() {
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
      return new PgConnectionConfig(this);
    }
  }
}
