package dev.pgetl.benchmarks.workload;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Tables and what is written to them, by the server itself.
 *
 * @param tables the tables
 * @param definition a script that creates them, and a procedure
 * @param call the call of the procedure that writes; gives how many rows it has changed
 */
record Dataset(List<String> tables, String definition, String call) {
  void create(TestDatabase database) {
    database.execute(definition);
  }

  /** Makes the tables and their rows ready to be copied: vacuumed, analyzed and published. */
  void load(TestDatabase database) {
    create(database);
    write(database);
    database.execute("vacuum (analyze)");
    database.execute("create publication " + Lab.PUBLICATION + " for all tables");
  }

  /** {@return how many rows a database has in the tables} */
  long rows(TestDatabase database) {
    return tables.stream()
        .mapToLong(table -> Long.parseLong(database.value("select count(*) from " + table)))
        .sum();
  }

  /** {@return a text that is the same for the same rows} */
  String digest(TestDatabase database) {
    return tables.stream()
        .map(
            table ->
                database.value(
                    "select count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from %s t"
                        .formatted(table)))
        .collect(Collectors.joining(", "));
  }

  /** {@return the size of the tables in a database} */
  double megabytes(TestDatabase database) {
    return tables.stream()
            .mapToLong(
                table -> Long.parseLong(database.value("select pg_table_size('" + table + "')")))
            .sum()
        / 1e6;
  }

  /** {@return how many rows were inserted, updated and deleted} */
  long write(TestDatabase database) {
    return Long.parseLong(Objects.requireNonNull(database.query(call).get(0).get(0)));
  }
}
