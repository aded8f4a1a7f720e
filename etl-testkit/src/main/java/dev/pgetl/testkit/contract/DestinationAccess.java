package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the contract of destinations needs from the author of one: a way to open it, and a way to
 * read it back.
 *
 * <p>JUnit makes a new test object for every test, so a field can hold what the destinations of one
 * test write to.
 */
public interface DestinationAccess {
  /** A table with one key column. */
  TableSchema USERS =
      TestTable.named("users")
          .key("id", TestTable.INT8)
          .column("name", TestTable.TEXT)
          .column("bio", TestTable.TEXT)
          .build();

  /** A table with two key columns. */
  TableSchema ITEMS =
      TestTable.named("items")
          .key("order_id", TestTable.INT8)
          .key("position", TestTable.INT4)
          .column("what", TestTable.TEXT)
          .build();

  /**
   * Opens a destination on what this test has written so far, nothing at first, as a process does
   * that starts.
   *
   * <p>A test opens a second one without closing the first where the process is to have crashed in
   * between. The test class closes what is open at the end of a test, in a method with
   * {@code @AfterEach}.
   *
   * @return a destination that was not started yet
   */
  Destination openDestination();

  /**
   * {@return what a reader of the destination finds in a table now: for each row its values as
   * Postgres writes them, in the order of the columns of the given version; null for a null} Empty
   * if there is no such table.
   *
   * @param table the version of the table
   */
  List<List<@Nullable String>> content(TableSchema table);

  /**
   * {@return whether {@link #breakTarget} works} Without it no test checks that a destination
   * reports its failures.
   */
  default boolean canBreakTarget() {
    return false;
  }

  /**
   * Makes every access to what the destination writes to fail, or work again.
   *
   * @param broken whether it fails from now on
   */
  default void breakTarget(boolean broken) {
    throw new UnsupportedOperationException("canBreakTarget() returns true; override this as well");
  }

  /**
   * {@return whether the destination follows new versions of a table: a column added in the source
   * is added to it}
   */
  default boolean supportsSchemaChanges() {
    return true;
  }

  /**
   * {@return whether the destination removes ranges of rows} Without it an interrupted copy starts
   * over.
   */
  default boolean removesRanges() {
    return false;
  }

  /**
   * {@return whether the destination keeps the rows of a copy aside until it is complete, for each
   * table that it has} Without it a table is truncated before it is copied.
   */
  default boolean replacesTables() {
    return false;
  }

  /**
   * {@return whether what the destination keeps aside survives a crash} Without it an interrupted
   * copy of a table that is replaced starts over.
   */
  default boolean continuesReplacements() {
    return replacesTables();
  }

  /**
   * {@return whether the destination answers {@link Destination#lastApplied}} Without it a pipeline
   * that has crashed does not continue on a promoted server.
   */
  default boolean answersLastApplied() {
    return false;
  }

  /**
   * {@return a row of {@link #USERS} that the destination refuses among events, because of its
   * values} Without one no test checks that refused calls have no effect.
   */
  default Optional<TableRow> refusedRow() {
    return Optional.empty();
  }
}
