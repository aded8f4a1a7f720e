package dev.pgetl.spring;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The application's own connection, as far as Spring Boot knows it. */
@FunctionalInterface
interface ApplicationDatabase {
  /** {@return how the application connects; empty if it has no JDBC connection} */
  Optional<Login> login();

  /**
   * A connection.
   *
   * @param url the JDBC URL; may hold a password
   * @param username the role; null if the URL names it
   * @param password its password; null if the URL has it, or none is needed
   */
  record Login(String url, @Nullable String username, @Nullable String password) {
    @Override
    public String toString() {
      return "Login[redacted]";
    }
  }
}
