package dev.pgetl.it.values;

import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/** Compares all samples in a JVM of another zone, language and digits, as its command line says. */
final class ForeignJvm {
  private ForeignJvm() {}

  /**
   * Prints what differs.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws InterruptedException {
    if (ZoneId.systemDefault().getId().equals("UTC") || String.format("%d", 1).equals("1")) {
      throw new IllegalStateException("the defaults are not foreign: " + Locale.getDefault());
    }
    SampleTable table = new SampleTable(TestPostgres.shared().majorVersion());
    List<String> differences;
    try (Scenario scenario = Scenario.with(table.create())) {
      scenario.source().execute(table.insert());
      scenario.start().awaitReady();
      scenario.source().execute(table.insert());
      scenario.awaitApplied();
      differences = table.differences(scenario);
    }
    differences.forEach(System.out::println);
    System.exit(differences.isEmpty() ? 0 : 1);
  }
}
