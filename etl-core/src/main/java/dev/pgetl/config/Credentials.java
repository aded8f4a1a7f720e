package dev.pgetl.config;

import dev.pgetl.internal.settings.Problems;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a connection logs in with.
 *
 * @param username the role
 * @param password its password, or the token that stands for one; empty where the server asks for
 *     none
 */
public record Credentials(String username, Secret password) {
  public Credentials {
    Objects.requireNonNull(username, "username");
    Objects.requireNonNull(password, "password");
  }

  /**
   * {@return credentials}
   *
   * @param username the role
   * @param password its password or token
   */
  public static Credentials of(String username, String password) {
    return new Credentials(username, Secret.of(password));
  }

  /** {@return what connections ask, from what was set} */
  static Source source(
      Problems problems,
      String username,
      Secret password,
      @Nullable Callable<String> passwords,
      @Nullable Source credentials) {
    problems.require(!username.isBlank() || credentials != null, "pgConnection.username is empty");
    long given =
        Stream.of(!password.reveal().isEmpty(), passwords != null, credentials != null)
            .filter(set -> set)
            .count();
    problems.require(
        given <= 1, "pgConnection has more than one of password, passwordFrom and credentialsFrom");
    if (credentials != null) {
      return new Asked(credentials);
    }
    return passwords == null
        ? new Fixed(new Credentials(username, password))
        : new WithPassword(username, passwords);
  }

  /**
   * Gives credentials that change: tokens that expire, passwords that are rotated, roles that are
   * made for a while.
   *
   * <p><b>Threads.</b> It is asked before every connection, on the thread that connects, so by
   * several threads at once. It may block, and that thread waits: there is no time limit, and
   * {@code connectTimeout} begins after it. The engine holds no lock meanwhile, and streams that
   * are connected continue. A store has one connection: its other calls may wait for it. A pipeline
   * that shuts down interrupts the thread.
   *
   * <p><b>Failures.</b> An {@link dev.pgetl.error.EtlException} is passed on as it is. Any other
   * exception becomes one of kind {@code SOURCE_UNAVAILABLE} (of a store: {@code
   * STORE_UNAVAILABLE}), which is retried. It is kept as the cause, which logs show, so its message
   * must not contain a secret.
   */
  @FunctionalInterface
  public interface Source {
    /**
     * {@return the credentials for the next connection} A token must be valid for the moment of the
     * login only: sessions live on when it has expired.
     *
     * @param host where the connection goes; tokens of some services are valid for one host
     * @throws Exception if there are none at the moment
     */
    Credentials get(PgHost host) throws Exception;
  }

  /** Credentials that stay the same. */
  record Fixed(Credentials login) implements Source {
    @Override
    public Credentials get(PgHost host) {
      return login;
    }

    @Override
    public String toString() {
      return login.toString();
    }
  }

  /** A role whose password changes. */
  record WithPassword(String username, Callable<String> password) implements Source {
    @Override
    public Credentials get(PgHost host) throws Exception {
      return Credentials.of(username, password.call());
    }

    @Override
    public String toString() {
      return "Credentials[username=" + username + ", password asked for]";
    }
  }

  /** Whatever the source says of itself is not shown: it may know secrets. */
  record Asked(Source source) implements Source {
    @Override
    public Credentials get(PgHost host) throws Exception {
      return source.get(host);
    }

    @Override
    public String toString() {
      return "Credentials[asked for]";
    }
  }
}
