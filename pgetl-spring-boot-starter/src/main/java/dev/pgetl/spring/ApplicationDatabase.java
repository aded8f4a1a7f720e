package dev.pgetl.spring;

import org.jspecify.annotations.Nullable;

/**
 * The application's own connection, as far as Spring Boot knows it; or another one.
 *
 * @param url the JDBC URL, which may hold a password; null if there is no connection
 * @param username the role; null if the URL names it
 * @param password its password; null if the URL has it, or none is needed
 */
record ApplicationDatabase(
    @Nullable String url, @Nullable String username, @Nullable String password) {
  @Override
  public String toString() {
    return "ApplicationDatabase[redacted]";
  }
}
