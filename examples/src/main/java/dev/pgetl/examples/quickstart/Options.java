package dev.pgetl.examples.quickstart;

import dev.pgetl.config.PgConnectionConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments.
 *
 * @param source JDBC URL of the source; empty for the demo
 * @param publication the publication
 * @param http the receiver's base URL
 */
record Options(String source, String publication, String http) {
  static final String USAGE =
      """
      usage: quickstart
             quickstart --source jdbc:postgresql://host:port/database?user=...&password=... --publication name --http url
      The password may also be in the environment variable PGPASSWORD.""";

  private static final Set<String> NAMES = Set.of("--source", "--publication", "--http");

  static Options parse(List<String> arguments) {
    if (arguments.isEmpty()) {
      return new Options("", "", "");
    }
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (!NAMES.contains(name) || i + 1 == arguments.size()) {
        throw new IllegalArgumentException("not understood: " + name);
      }
      given.put(name, arguments.get(i + 1));
    }
    return new Options(
        required(given, "--source"), required(given, "--publication"), required(given, "--http"));
  }

  private static String required(Map<String, String> given, String name) {
    String value = given.get(name);
    if (value == null) {
      throw new IllegalArgumentException("missing: " + name);
    }
    return value;
  }

  boolean isDemo() {
    return source.isEmpty();
  }

  PgConnectionConfig connection() {
    PgConnectionConfig.Builder builder = PgConnectionConfig.jdbcUrl(source);
    String password = System.getenv("PGPASSWORD");
    return (password == null ? builder : builder.password(password)).build();
  }

  @Override
  public String toString() {
    return "Options[publication=" + publication + "]"; // URLs may carry credentials
  }
}
