package dev.pgetl.benchmarks.workload;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import java.util.Objects;

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

  /** {@return how many rows were inserted, updated and deleted} */
  long write(TestDatabase database) {
    return Long.parseLong(Objects.requireNonNull(database.query(call).get(0).get(0)));
  }
}
