package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** What must be true of everything a pipeline delivered to a {@link RecordingDestination}. */
public final class DeliveryAssert extends AbstractAssert<DeliveryAssert, RecordingDestination> {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private DeliveryAssert(RecordingDestination actual) {
    super(actual, DeliveryAssert.class);
  }

  /**
   * {@return assertions about what was delivered}
   *
   * @param actual where to
   */
  public static DeliveryAssert assertThat(RecordingDestination actual) {
    return new DeliveryAssert(actual);
  }

  /**
   * Verifies that no change was delivered twice and that the changes of every table came in the
   * order of their sequence.
   *
   * @return this
   */
  public DeliveryAssert deliveredOnceInOrder() {
    return verifyOrder(false);
  }

  /**
   * Verifies that the changes of every table came in the order of their sequence, except at
   * replays: going back to a change delivered before, and repeating everything from there on
   * unchanged.
   *
   * @return this
   */
  public DeliveryAssert deliveredInOrderExceptReplays() {
    return verifyOrder(true);
  }

  private DeliveryAssert verifyOrder(boolean replaysAllowed) {
    isNotNull();
    for (String table : actual.tables()) {
      String problem = ReplayCheck.problem(actual.changes(table), replaysAllowed);
      if (problem != null) {
        failWithMessage("changes of %s: %s", table, problem);
      }
    }
    return this;
  }

  /**
   * Verifies that copied rows and inserts of a table together are so many, and that none has the
   * key of another.
   *
   * @param table its name, with or without its schema
   * @param count how many
   * @return this
   */
  public DeliveryAssert deliveredRows(String table, int count) {
    isNotNull();
    List<TableRow> rows = new ArrayList<>(actual.copiedRows(table));
    int copied = rows.size();
    for (Event change : actual.changes(table)) {
      if (change instanceof Event.Insert insert) {
        rows.add(insert.row());
      }
    }
    if (rows.size() != count) {
      failWithMessage(
          "expected %d rows of %s, got %d copied and %d inserted",
          count, table, copied, rows.size() - copied);
    }
    Set<List<@Nullable String>> keys = new HashSet<>();
    for (TableRow row : rows) {
      List<@Nullable String> key = MaterialisedTable.uniqueKey(row);
      if (key != null && !keys.add(key)) {
        failWithMessage("a row of %s was copied or inserted twice: %s", table, key);
      }
    }
    return this;
  }

  /**
   * Verifies that a destination which applied everything delivered holds what the source holds.
   * Rows of tables that inherit from a table are not its own; those of partitions are.
   *
   * @param source the source's database
   * @param tables the tables, named as in SQL
   * @return this
   */
  public DeliveryAssert converged(TestDatabase source, String... tables) {
    isNotNull();
    for (String table : tables) {
      List<String> differences = differences(source, table);
      if (!differences.isEmpty()) {
        failWithMessage(
            "%s in the destination differs from the source:%n%s",
            table, String.join("\n", differences));
      }
    }
    return this;
  }

  /**
   * Waits, a minute at most, until {@link #converged} holds.
   *
   * @param source the source's database, without further writes
   * @param tables the tables, named as in SQL
   * @return this
   */
  public DeliveryAssert converges(TestDatabase source, String... tables) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> converged(source, tables));
    return this;
  }

  private List<String> differences(TestDatabase source, String table) {
    String name = "'" + table.replace("'", "''") + "'";
    String kind = source.value("select relkind from pg_class where oid = " + name + "::regclass");
    String query = "select * from " + ("p".equals(kind) ? "" : "only ") + table;
    List<List<@Nullable String>> rows = source.query(query);
    return TableComparison.differences(
        source.columnNames(query), rows, actual.materialise(table.replace("\"", "")));
  }
}
