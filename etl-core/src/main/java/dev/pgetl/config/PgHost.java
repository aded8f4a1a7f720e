package dev.pgetl.config;

import dev.pgetl.internal.settings.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server to connect to: the name it is known by, and where connections to it go.
 *
 * @param name host name or address; TLS looks for it in the server's certificate
 * @param port TCP port
 * @param address host name or address that connections go to: the name itself, unless they take
 *     another way, such as a tunnel, a forwarded port or a private endpoint
 */
public record PgHost(String name, int port, String address) {
  /** The port of a server that names none. */
  public static final int DEFAULT_PORT = 5432;

  private static final Pattern TEXT =
      Pattern.compile(
          "(\\[(?<v6>[0-9a-zA-Z:.%_-]+)]|(?<name>[^:/?@,\\[\\]\\s]+))(:(?<port>[0-9]{1,5}))?");

  private static final Pattern NO_HOST = Pattern.compile("[,/?&\\s\\[\\]]");

  /** An address of IPv6 may be given in brackets, as in a URL. */
  public PgHost {
    name = withoutBrackets(Objects.requireNonNull(name, "name"));
    address = withoutBrackets(Objects.requireNonNull(address, "address"));
    Problems problems = new Problems();
    check(problems, name, port, address);
    problems.throwIfAny("PgHost");
  }

  /**
   * {@return a server that is reached under its name}
   *
   * @param name host name or address
   * @param port TCP port
   * @throws IllegalArgumentException if either is not one
   */
  public static PgHost of(String name, int port) {
    return new PgHost(name, port, name);
  }

  /**
   * {@return the servers of a list}
   *
   * @param text for example {@code db1.example.com,db2.example.com:5433,[2001:db8::7]:5432}
   * @throws IllegalArgumentException if it is no such list
   */
  public static List<PgHost> list(String text) {
    List<PgHost> hosts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher host = TEXT.matcher(part.strip());
      if (!host.matches()) {
        throw new IllegalArgumentException(
            "not a list of hosts: each is host, host:port or [IPv6 address]:port");
      }
      hosts.add(
          of(
              Objects.requireNonNullElse(host.group("v6"), host.group("name")),
              host.group("port") == null ? DEFAULT_PORT : Integer.parseInt(host.group("port"))));
    }
    return List.copyOf(hosts);
  }

  /**
   * {@return the same server, reached another way} TLS verifies the name all the same.
   *
   * @param other host name or address to connect to
   */
  public PgHost at(String other) {
    return new PgHost(name, port, other);
  }

  static PgHost first(List<PgHost> hosts) {
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("the list of hosts is empty");
    }
    return hosts.get(0);
  }

  static void check(Problems problems, String name, int port, String address) {
    problems.require(!name.isBlank(), "pgConnection.host is empty");
    problems.require(
        name.isBlank() || !NO_HOST.matcher(name).find(),
        "pgConnection.host must be one host name or address");
    problems.require(
        port > 0 && port < 65536, "pgConnection.port must be within 1 and 65535, is " + port);
    problems.require(
        address.equals(name) || (!address.isBlank() && !NO_HOST.matcher(address).find()),
        "pgConnection.address must be one host name or address");
  }

  static String withoutBrackets(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.contains(":");
    return bracketed ? host.substring(1, host.length() - 1) : host;
  }

  /** {@return name and port, and the address if it is another one} */
  @Override
  public String toString() {
    String server = name + ":" + port;
    return address.equals(name) ? server : server + " at " + address;
  }
}
