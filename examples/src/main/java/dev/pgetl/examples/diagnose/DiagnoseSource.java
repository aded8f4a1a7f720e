package dev.pgetl.examples.diagnose;

import dev.pgetl.Doctor;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Examines a source and prints what is wrong with it, the worst first, each with its fix to copy.
 *
 * <pre>{@code
 * PGPASSWORD=... examples/run doctor --source jdbc:postgresql://host/db?user=etl --publication pub --id orders
 * }</pre>
 *
 * <p>It changes nothing. Its exit status is 0 if nothing is wrong, 1 if there are warnings, 2 if
 * there are errors, and 64 if its arguments are wrong.
 */
public final class DiagnoseSource {
  private static final int WRONG_USE = 64;
  private static final String USAGE =
      "usage: doctor --source jdbc:postgresql://host/database?user=... --publication NAME"
          + " [--id PIPELINE]; the password is read from PGPASSWORD";

  private DiagnoseSource() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    PipelineConfig config;
    try {
      config = config(options(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(USAGE);
      return WRONG_USE;
    }
    // tag::diagnose[]
    List<Finding> findings = Doctor.examine(config);
    for (Finding finding : findings) {
      System.out.println(finding + System.lineSeparator());
    }
    // end::diagnose[]
    System.out.println(summary(findings));
    return status(findings);
  }

  private static Map<String, String> options(String[] arguments) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (!arguments[i].startsWith("--") || i + 1 == arguments.length) {
        throw new IllegalArgumentException("unexpected argument " + arguments[i]);
      }
      options.put(arguments[i].substring(2), arguments[i + 1]);
    }
    return options;
  }

  private static PipelineConfig config(Map<String, String> options) {
    String url = required(options, "source");
    String publication = required(options, "publication");
    PgConnectionConfig.Builder source = PgConnectionConfig.jdbcUrl(url);
    String password = System.getenv("PGPASSWORD");
    return PipelineConfig.builder(
            options.getOrDefault("id", "doctor"),
            publication,
            password == null ? source.build() : source.password(password).build())
        .build();
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return value;
  }

  private static long count(List<Finding> findings, Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }

  private static String summary(List<Finding> findings) {
    return "%d errors, %d warnings, %d remarks"
        .formatted(
            count(findings, Severity.ERROR),
            count(findings, Severity.WARNING),
            count(findings, Severity.INFO));
  }

  private static int status(List<Finding> findings) {
    if (count(findings, Severity.ERROR) > 0) {
      return 2;
    }
    return count(findings, Severity.WARNING) > 0 ? 1 : 0;
  }
}
