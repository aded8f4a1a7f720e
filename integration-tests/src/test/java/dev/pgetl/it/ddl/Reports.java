package dev.pgetl.it.ddl;

import dev.pgetl.Pipeline;
import dev.pgetl.observe.TableStatus;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tables that the pipeline reports, fixed as the reports say. Not thread-safe. */
final class Reports {
  private static final Pattern FIX =
      Pattern.compile("[Rr]un on the destination: (.*?)(?:; then resync|; or build|$)");

  private final Pipeline pipeline;
  private final Side target;

  Reports(Pipeline pipeline, Side target) {
    this.pipeline = pipeline;
    this.target = target;
  }

  /** {@return whether there were any} */
  boolean fix(Tally tally, List<Step> burst, boolean applies) throws InterruptedException {
    boolean any = false;
    for (TableStatus table : pipeline.status().tables().values()) {
      if (table.needsResync()) {
        any = true;
        String message = table.failure().orElseThrow().message();
        tally.refused(table.id().oid(), burst, message, applies);
        carryOut(tally, table, message);
        resync(table);
      } else if (table.isReady() && table.difference().isPresent()) {
        any = true;
        tally.differs(burst);
        resync(table);
      }
    }
    return any;
  }

  private void resync(TableStatus table) throws InterruptedException {
    try {
      pipeline.resync(table.id());
    } catch (IllegalArgumentException e) {
      // it was dropped
    }
  }

  /** An operator who does what the failure says; a fix without statements is made by hand. */
  private void carryOut(Tally tally, TableStatus table, String message) {
    Matcher fix = FIX.matcher(message);
    String sql = fix.find() ? fix.group(1) : "";
    try {
      if (!sql.isEmpty()) {
        run(sql, table);
      } else {
        dropped(table); // a key or a type of before; it is created again
      }
    } catch (SQLException e) {
      tally.fault("the fix fails: " + e.getMessage() + " for " + table.name() + ": " + message);
      dropped(table);
    }
  }

  private void run(String sql, TableStatus table) throws SQLException {
    try {
      target.run(sql);
    } catch (SQLException e) {
      if (!sql.contains(" using ")) {
        throw e;
      }
      target.run("truncate " + table.name().quoted());
      target.run(sql);
    }
  }

  private void dropped(TableStatus table) {
    try {
      target.run("drop table " + table.name().quoted());
    } catch (SQLException e) {
      // it was another name
    }
  }
}
