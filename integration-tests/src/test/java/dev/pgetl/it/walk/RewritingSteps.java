package dev.pgetl.it.walk;

import static org.awaitility.Awaitility.await;

import dev.pgetl.schema.TableId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;

/** DDL that writes rows without events, and what soon hides it from the catalogue. */
final class RewritingSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("add a column and drop its default", RewritingSteps::addAndDropDefault),
          Step.of("change a type twice", RewritingSteps::changeTypeTwice),
          Step.of("publish generated columns", RewritingSteps::publishGenerated).since(18),
          Step.of("generate a column that is published", RewritingSteps::addGenerated).since(18),
          Step.of("set another expression", RewritingSteps::setExpression).weight(20).since(18));

  private RewritingSteps() {}

  private static String alter(Shape table) {
    return "alter table " + table.sql() + " ";
  }

  private static Optional<Source.Published> published(World world, Shape table)
      throws SQLException {
    return world.source().published().stream()
        .filter(each -> each.oid() == table.oid())
        .findFirst();
  }

  /** Once the stream has seen it, the table is named, whatever hides it afterwards. */
  private static void addAndDropDefault(World world) throws Exception {
    Shape table = TableSteps.any(world);
    boolean streams = ColumnSteps.streams(world, table.oid());
    String column = "c" + world.nextNumber();
    world.warning(table, "a column was added with values");
    world.limit(table, "what is done to a table later may hide a default that was dropped");
    world
        .source()
        .alter(
            alter(table) + "add column " + column + " int default 5",
            alter(table) + "alter column " + column + " drop default");
    Optional<Source.Published> after = published(world, table);
    if (streams && after.isPresent() && after.get().columns().contains(column)) {
      awaitNamed(world, after.get());
    }
  }

  private static void awaitNamed(World world, Source.Published table) throws Exception {
    Instance instance = world.requireInstance();
    TableId id = new TableId(table.oid());
    try {
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(20))
          .until(
              () ->
                  !instance.isReady(table.oid())
                      || Objects.requireNonNull(instance.status().tables().get(id))
                          .difference()
                          .isPresent());
    } catch (ConditionTimeoutException e) {
      throw new Failure(
          Failure.Kind.SILENT_DIFFERENCE,
          "%s (%d) is not named: %s".formatted(table.table(), table.oid(), instance.status()));
    }
  }

  /** The stream may describe the column of the first change when the catalogue has the second. */
  private static void changeTypeTwice(World world) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    Optional<Source.Column> number =
        rows.others().stream()
            .filter(column -> List.of("integer", "bigint").contains(column.type()))
            .findFirst();
    if (number.isPresent()) {
      String column = alter(rows.table()) + "alter column " + number.get().sql() + " type ";
      boolean atOnce = world.random().nextBoolean();
      world.warning(rows.table(), "the type of a column was changed");
      world
          .source()
          .alter(
              atOnce ? "begin" : "select",
              column + "text using 'n' || " + number.get().sql(),
              rows.insert(),
              column + "varchar(60)",
              atOnce ? "commit" : "select");
    }
  }

  private static void publishGenerated(World world) throws SQLException {
    for (Shape table : world.source().tables()) {
      world.warning(table, "a column was added with values");
    }
    world
        .source()
        .alter(
            "alter publication pub set (publish_generated_columns = %s)"
                .formatted(world.random().nextInt(4) == 0 ? "none" : "stored"));
  }

  private static void addGenerated(World world) throws SQLException {
    Shape table = TableSteps.any(world);
    if (generated(world, table).isEmpty()) {
      long number = world.nextNumber();
      world.warning(table, "a column was added with values");
      world
          .source()
          .alter(
              alter(table)
                  + "add column g%d text generated always as (upper('x%d')) stored"
                      .formatted(number, number));
    }
  }

  private static void setExpression(World world) throws SQLException {
    for (Source.Published each : world.source().published()) {
      String column = generated(world, each.table());
      if (!column.isEmpty()) {
        world.warning(each.table(), "the expression of a generated column was changed");
        world
            .source()
            .alter(
                alter(each.table())
                    + "alter column %s set expression as (upper('x%d'))"
                        .formatted(column, world.nextNumber()));
        return;
      }
    }
  }

  /** {@return a generated column of text; empty if the table has none} */
  private static String generated(World world, Shape table) throws SQLException {
    return world
        .source()
        .value(
            "select quote_ident(attname) from pg_attribute where attrelid = %d and attgenerated = 's'"
                    .formatted(table.oid())
                + " and not attisdropped and atttypid = 'text'::regtype order by attnum limit 1");
  }
}
