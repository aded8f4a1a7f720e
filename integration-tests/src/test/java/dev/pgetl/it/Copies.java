package dev.pgetl.it;

/** What the server tells of copies under way. */
final class Copies {
  private Copies() {}

  /** {@return how many connections of the scenario's pipeline read rows at the moment} */
  static int connections(Scenario scenario) {
    return Integer.parseInt(
        scenario
            .source()
            .value(
                "select count(*) from pg_stat_activity where datname = current_database()"
                    + " and application_name like 'pgetl/it/copy%'"));
  }
}
