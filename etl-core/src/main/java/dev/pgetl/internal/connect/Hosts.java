package dev.pgetl.internal.connect;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * The hosts of a configuration, of which one is the primary. They are tried one by one and by us:
 * the driver could do that, too, but remembers for all of the JVM which hosts were good or bad, and
 * reports only what the last one answered. Thread-safe.
 */
public final class Hosts {
  /** What a host answers that is no primary. */
  public static final String STANDBY = "the server is a standby";

  /** Connects to one host. */
  @FunctionalInterface
  public interface Attempt<T> {
    /**
     * Connects.
     *
     * @param host where to
     * @return what is connected
     * @throws HostRefused if another host may be tried
     * @throws EtlException if no other host is to be tried
     */
    T connect(PgHost host) throws HostRefused;
  }

  private final List<PgHost> all;
  private final String database;
  private final ErrorKind unavailable;
  private volatile PgHost lastGood;

  /**
   * Creates the list; connects to nothing yet.
   *
   * @param unavailable the kind of failure that passes
   */
  public Hosts(PgConnectionConfig config, ErrorKind unavailable) {
    this.all = config.hosts();
    this.database = config.name();
    this.unavailable = unavailable;
    this.lastGood = all.get(0);
  }

  /** {@return whether there is a choice} */
  public boolean several() {
    return all.size() > 1;
  }

  /**
   * {@return what the first host that can be used gives} Begins with the one that was good last.
   *
   * @param doing what is being done, for the message of a failure
   * @throws EtlException if there is none; temporary if one of them may become usable without
   *     anything being changed
   */
  public <T> T first(String doing, Attempt<T> attempt) {
    Map<PgHost, HostRefused> refused = new LinkedHashMap<>();
    for (PgHost host : inOrder()) {
      try {
        T connected = attempt.connect(host);
        lastGood = host;
        return connected;
      } catch (HostRefused e) {
        refused.put(host, e);
      }
    }
    throw noneOf(doing, refused);
  }

  private List<PgHost> inOrder() {
    PgHost first = lastGood;
    List<PgHost> order = new ArrayList<>(all.size());
    order.add(first);
    all.stream().filter(host -> !host.equals(first)).forEach(order::add);
    return order;
  }

  private EtlException noneOf(String doing, Map<PgHost, HostRefused> refused) {
    List<EtlException> failures = refused.values().stream().map(HostRefused::failure).toList();
    EtlException first = failures.get(0);
    if (!several()) {
      return first;
    }
    boolean passes = failures.stream().anyMatch(e -> e.retry() == RetryDirective.TIMED);
    String answers =
        refused.entrySet().stream()
            .map(host -> host.getKey() + ": " + host.getValue().answer())
            .collect(Collectors.joining("; "));
    EtlException failure =
        new EtlException(
            passes ? unavailable : first.kind(),
            doing + " failed, none of the hosts is a primary to connect to: " + answers,
            first);
    failures.stream().skip(1).forEach(failure::addSuppressed);
    return failure
        .withFix(passes ? "" : first.fix())
        .withRetry(passes ? RetryDirective.TIMED : first.retry());
  }

  /**
   * {@return the URL of the driver for a host: where the connection goes, not what it is called}
   */
  public String url(PgHost host) {
    String address = host.address();
    return "jdbc:postgresql://"
        + (address.contains(":") ? "[" + address + "]" : address)
        + ":"
        + host.port()
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /**
   * {@return whether the server is a standby} Asks nothing: the server says it when it connects.
   *
   * @throws SQLException if the connection is closed
   */
  public static boolean isStandby(Connection connection) throws SQLException {
    return "on".equals(connection.unwrap(PGConnection.class).getParameterStatus("in_hot_standby"));
  }

  /**
   * {@return what a host answered, with its SQLSTATE}
   *
   * @param error what the driver threw when it connected
   */
  public static String answer(SQLException error) {
    String state = Objects.requireNonNullElse(error.getSQLState(), "");
    return error.getMessage() + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
  }
}
