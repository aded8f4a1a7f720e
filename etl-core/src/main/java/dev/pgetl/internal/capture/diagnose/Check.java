package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import java.sql.SQLException;
import java.util.function.Consumer;

/** Looks at one subject of a source. Changes nothing, and waits for no lock on a table. */
@FunctionalInterface
interface Check {
  /**
   * Checks.
   *
   * @param source the source
   * @param found takes what is found
   */
  void run(Examined source, Consumer<Finding> found) throws SQLException;
}
