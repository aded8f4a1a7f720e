package dev.pgetl.config;

import dev.pgetl.internal.settings.JdbcUrl;
import dev.pgetl.internal.settings.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the Postgres server. It must be the server itself: connection poolers and load
 * balancers do not carry replication. {@link Builder} says what each setting does. Immutable; made
 * by {@link #builder(String, String, String)} or {@link #jdbcUrl}.
 */
public final class PgConnectionConfig {
  private final List<PgHost> hosts;
  private final boolean readFromStandby;
  private final String name;
  private final String username;
  private final Credentials.Source credentials;
  private final TlsConfig tls;
  private final Duration connectTimeout;
  private final Duration statusInterval;
  private final Duration walSenderTimeout;
  private final Duration lockTimeout;
  private final Duration readDelay;

  private PgConnectionConfig(Builder from, Credentials.Source credentials) {
    PgHost first = new PgHost(from.host, from.port, from.address);
    hosts = Stream.concat(Stream.of(first), from.others.stream()).toList();
    readFromStandby = from.readFromStandby;
    name = from.name;
    username = from.username;
    this.credentials = credentials;
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
   * @param username the role; may be empty if {@link Builder#credentialsFrom} names it
   */
  public static Builder builder(String host, String name, String username) {
    return new Builder(host, List.of(), name, username);
  }

  /**
   * {@return a builder for a cluster of several servers} Each connect tries them in their order,
   * the one that was good last first, and takes the first that is a primary. While none is, it
   * fails with {@code SOURCE_UNAVAILABLE}, which is retried.
   *
   * @param hosts at least one; all of one cluster, and each must prove that it is the known one
   * @param name the database
   * @param username the role; may be empty if {@link Builder#credentialsFrom} names it
   */
  public static Builder builder(List<PgHost> hosts, String name, String username) {
    PgHost first = PgHost.first(hosts);
    Builder builder = new Builder(first.name(), hosts.subList(1, hosts.size()), name, username);
    builder.port = first.port();
    builder.address = first.address();
    return builder;
  }

  /**
   * {@return a builder filled from a JDBC URL, which may name several hosts} Understood are {@code
   * user}, {@code password}, {@code sslmode} ({@code disable}, or {@code verify-full} with the
   * JVM's trust), {@code channelBinding}, {@code targetServerType} ({@code primary}, or {@code
   * secondary} for a standby) and {@code connectTimeout} in seconds.
   *
   * @param url for example {@code jdbc:postgresql://db.example.com:5432/shop?user=etl}
   * @throws IllegalArgumentException if it is no such URL, or names another parameter; the URL
   *     itself is not repeated
   */
  public static Builder jdbcUrl(String url) {
    JdbcUrl read = JdbcUrl.parse(url);
    Builder builder = builder(PgHost.list(read.hosts()), read.database(), read.user());
    return builder
        .password(read.password())
        .readFromStandby(read.isStandby())
        .connectTimeout(read.connectTimeout(builder.connectTimeout))
        .tls(TlsConfig.of(read));
  }

  /** {@return the servers to try, at least one} */
  public List<PgHost> hosts() {
    return hosts;
  }

  /** {@return whether the server is a standby, or was one} */
  public boolean readsFromStandby() {
    return readFromStandby;
  }

  /** {@return the name of the first host} */
  public String host() {
    return hosts.get(0).name();
  }

  /** {@return the TCP port of the first host} */
  public int port() {
    return hosts.get(0).port();
  }

  /** {@return the database} */
  public String name() {
    return name;
  }

  /** {@return the role; may be empty if a source of credentials names it} */
  public String username() {
    return username;
  }

  /** {@return the password of the role; empty if there is none, or a source gives it} */
  public Secret password() {
    return credentials instanceof Credentials.Fixed fixed
        ? fixed.login().password()
        : Secret.of("");
  }

  /** {@return what every connection asks for its credentials, also if they stay the same} */
  public Credentials.Source credentials() {
    return credentials;
  }

  /** {@return whether the credentials may be other ones for each connection} */
  public boolean asksForCredentials() {
    return !(credentials instanceof Credentials.Fixed);
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PgConnectionConfig that
        && PipelineSettings.of(this).equals(PipelineSettings.of(that));
  }

  @Override
  public int hashCode() {
    return PipelineSettings.of(this).hashCode();
  }

  @Override
  public String toString() {
    return "PgConnectionConfig" + PipelineSettings.of(this);
  }

  /** Builds a {@link PgConnectionConfig}. Not thread-safe. */
  public static final class Builder {
    private final String host;
    private final List<PgHost> others;
    private final String name;
    private int port = PgHost.DEFAULT_PORT;
    private String address;
    private boolean readFromStandby;
    private String username;
    private Secret password = Secret.of("");
    private @Nullable Callable<String> passwordSource;
    private Credentials.@Nullable Source credentialsSource;
    private TlsConfig tls = TlsConfig.DISABLED;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration statusInterval = Duration.ofSeconds(1);
    private Duration walSenderTimeout = Duration.ofSeconds(30);
    private Duration lockTimeout = Duration.ofSeconds(30);
    private Duration readDelay = Duration.ofMillis(20);

    private Builder(String host, List<PgHost> others, String name, String username) {
      this.host = PgHost.withoutBrackets(Objects.requireNonNull(host, "host"));
      this.others = List.copyOf(others);
      this.name = Objects.requireNonNull(name, "name");
      this.address = this.host;
      this.username = Objects.requireNonNull(username, "username");
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
     * @throws IllegalStateException if there are several hosts: each has its own
     */
    public Builder port(int value) {
      requireOneHost();
      port = value;
      return this;
    }

    /**
     * Sets where connections go, at {@link #port}; default the host itself. TLS verifies the name
     * of the host, not this address: for tunnels, forwarded ports and private endpoints.
     *
     * @param value host name or address
     * @return this builder
     * @throws IllegalStateException if there are several hosts: each has its own
     */
    public Builder address(String value) {
      requireOneHost();
      address = PgHost.withoutBrackets(Objects.requireNonNull(value, "address"));
      return this;
    }

    /**
     * Sets whether a pipeline reads from a standby (Postgres 16 and later), the only host, also
     * once that is promoted; default false: from the primary. Stores and destinations refuse it.
     *
     * @param value true for a standby, and for one that has been promoted since
     * @return this builder
     */
    public Builder readFromStandby(boolean value) {
      readFromStandby = value;
      return this;
    }

    private void requireOneHost() {
      if (!others.isEmpty()) {
        throw new IllegalStateException("each host of a list has its own port and address");
      }
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
     * Sets where passwords come from that change: tokens that expire, passwords that are rotated. A
     * login that the server refuses is then retried, since the next password may be accepted.
     *
     * @param source asked before every connection; {@link Credentials.Source} says on which
     *     threads, and what becomes of what it throws
     * @return this builder
     */
    public Builder passwordFrom(Callable<String> source) {
      passwordSource = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * Sets where role and password come from, if the role changes, too, or the password depends on
     * the host. A login that the server refuses is then retried.
     *
     * @param source asked before every connection
     * @return this builder
     */
    public Builder credentialsFrom(Credentials.Source source) {
      credentialsSource = Objects.requireNonNull(source, "source");
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
     * default 20 milliseconds. How long it does follows from how fast bytes come and what the
     * buffers hold. It saves CPU time on both sides and costs nothing below two megabytes per
     * second. Copies of tables gather for at most 2 milliseconds.
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
      PgHost.check(problems, host, port, address);
      problems.require(!name.isBlank(), "pgConnection.name (the database) is empty");
      problems.require(
          !readFromStandby || others.isEmpty(),
          "pgConnection.readFromStandby allows one host: its slots are on no other server");
      Credentials.Source credentials =
          Credentials.source(problems, username, password, passwordSource, credentialsSource);
      problems.requirePositive("pgConnection.connectTimeout", connectTimeout);
      problems.requirePositive("pgConnection.lockTimeout", lockTimeout);
      problems.requireMillis("pgConnection.readDelay", readDelay, 100);
      PipelineSettings.requireSignsOfLife(problems, statusInterval, walSenderTimeout);
      problems.throwIfAny("PgConnectionConfig");
      return new PgConnectionConfig(this, credentials);
    }
  }
}
