package dev.pgetl.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Makes the JDBC URL of an application one for pipelines. Parameters that say how the application
 * works with its connection are left out; those that say how to reach the server are kept. One that
 * a pipeline cannot keep, and that has to do with security, is refused.
 */
final class ApplicationUrl {
  private static final String PREFIX = "jdbc:postgresql:";
  private static final Set<String> KEPT =
      Set.of("user", "password", "channelbinding", "connecttimeout");
  private static final Set<String> REFUSED =
      Set.of(
          "sslcert",
          "sslkey",
          "sslpassword",
          "sslfactory",
          "sslhostnameverifier",
          "sslpasswordcallback",
          "socketfactory",
          "authenticationpluginclassname",
          "gssencmode",
          "requireauth");

  private ApplicationUrl() {}

  static boolean isPostgres(String url) {
    return url.startsWith(PREFIX);
  }

  /**
   * {@return the URL for a pipeline}
   *
   * @param url the application's
   * @param trusts whether the authorities to trust are set for the pipeline
   */
  static String forPipeline(String url, boolean trusts) {
    int query = url.indexOf('?');
    if (query < 0) {
      return url;
    }
    List<String> kept = new ArrayList<>();
    boolean verifies = false;
    for (String parameter : url.substring(query + 1).split("&", -1)) {
      String name = parameter.replaceFirst("=.*", "");
      String value = parameter.substring(Math.min(parameter.length(), name.length() + 1));
      String lower = name.toLowerCase(Locale.ROOT);
      if (REFUSED.contains(lower) || (lower.equals("sslrootcert") && !trusts)) {
        throw refused(name);
      } else if (KEPT.contains(lower)) {
        kept.add(parameter);
      } else if (lower.equals("ssl") && !value.equals("false")) {
        verifies = true;
      } else if (lower.equals("sslmode")) {
        kept.addAll(sslMode(value));
      } else if (lower.equals("targetservertype")) {
        kept.addAll(targetServerType(value));
      }
    }
    if (verifies && kept.stream().noneMatch(parameter -> parameter.startsWith("sslmode="))) {
      kept.add("sslmode=verify-full");
    }
    String base = url.substring(0, query);
    return kept.isEmpty() ? base : base + "?" + String.join("&", kept);
  }

  private static List<String> sslMode(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "disable" -> List.of("sslmode=disable");
      case "verify-full" -> List.of("sslmode=verify-full");
      case "allow", "prefer" -> List.of();
      default -> throw refused("sslmode=" + value);
    };
  }

  private static List<String> targetServerType(String value) {
    return switch (value) {
      case "primary", "master" -> List.of("targetServerType=primary");
      case "secondary", "slave" -> List.of("targetServerType=secondary");
      default -> List.of();
    };
  }

  private static PgetlSettingsException refused(String parameter) {
    return new PgetlSettingsException(
        "The application's JDBC URL has the parameter " + parameter + ", which pgetl cannot keep.",
        "Set pgetl.source.url (and pgetl.store.url, if the state is in the same database), with"
            + " sslmode=verify-full or sslmode=disable; for certificates see"
            + " pgetl.source.trusted-root-certs. Or define a bean of type PgConnectionConfig.");
  }
}
