package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.TableSize;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceCheck;
import dev.pgetl.internal.capture.catalog.TableCatalog;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.internal.copy.TableLeaf;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Questions to the catalogue cost as much as their answers are long, however many other relations
 * the database has. {@code -Dit.catalog.tables=10000} asks a database with twice as many tables and
 * as many partitions.
 */
class CatalogCostIT {
  private static final int TABLES = Integer.getInteger("it.catalog.tables", 300);
  private static final int STATEMENTS_PER_TRANSACTION = 500;

  /** Twice the answer may cost a little more than twice as much. */
  private static final double LINEAR = 2.5;

  /** The same answer may cost a little more in a database twice as large. */
  private static final double CONSTANT = 1.2;

  /** How many tables a sync worker takes. */
  private static final int FEW = 64;

  /** What any answer may cost for each relation: less than a row of each other one. */
  private static final long PER_RELATION = 200;

  /** What one small answer may cost in a large database, as part of what the largest costs. */
  private static final double SMALL = 0.2;

  private final TestDatabase database = TestPostgres.shared().createDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void growsWithTheAnswerOnly() throws SQLException {
    database.execute(
        """
        create table root(id int primary key, v text) partition by range (id);
        create table middle partition of root for values from (0) to (1000000) partition by range (id);
        create type addr as (street text, city text);
        create table other(id int primary key, a addr[]) partition by range (id);
        create table other_1 partition of other for values from (0) to (10);
        create publication everything for all tables;
        create publication leaves for table root, other;
        create publication whole for table root, other with (publish_via_partition_root = true);
        create publication named for table other;
        """);
    create(0, TABLES);
    Map<String, Long> before = costs();
    create(TABLES, 2 * TABLES);
    Map<String, Long> after = costs();
    long largest = after.getOrDefault("everything, all", 0L);
    after.forEach(
        (question, cost) -> {
          assertThat((double) cost / before.getOrDefault(question, 1L))
              .as("%s: %d after %d", question, cost, before.get(question))
              .isLessThan(LINEAR);
          assertThat(cost / (4L * TABLES)).as(question).isLessThan(PER_RELATION);
          if (question.endsWith("one")) {
            assertThat((double) cost / largest).as("%s: %d", question, cost).isLessThan(SMALL);
          }
        });
  }

  /** Of several tables the server looks the details up in another way than of one. */
  @Test
  void aFewTablesCostTheSameInALargerDatabase() throws SQLException {
    database.execute(
        """
        create table root(id int primary key, v text) partition by range (id);
        create table middle partition of root for values from (0) to (1000000) partition by range (id);
        create publication named;
        """);
    create(0, 2 * TABLES);
    Map<String, Long> before = costsOfAFew();
    create(2 * TABLES, 4 * TABLES);
    costsOfAFew()
        .forEach(
            (question, cost) ->
                assertThat((double) cost / before.getOrDefault(question, 1L))
                    .as("%s: %d after %d", question, cost, before.get(question))
                    .isLessThan(CONSTANT));
  }

  private Map<String, Long> costsOfAFew() throws SQLException {
    Map<String, Long> costs = new LinkedHashMap<>();
    List<TableId> ids =
        IntStream.range(0, FEW)
            .mapToObj(i -> database.value("select 't" + i + "'::regclass::oid"))
            .map(oid -> new TableId(Long.parseLong(oid)))
            .toList();
    try (Connection real = database.connect();
        SourceDatabase source =
            new SourceDatabase(database.connectionConfig(), "it", Platform.jvm())) {
      ExplainedConnection explained = new ExplainedConnection(real);
      Connection connection = explained.connection();
      List<PublishedTable> few = PublicationCatalog.tables(connection, "named", ids);
      assertThat(few).hasSize(FEW);
      costs.put("what is published", explained.takeCost());
      assertThat(source.catalog().schemas(connection, few, Lsn.ZERO)).hasSize(FEW);
      costs.put("descriptions", explained.takeCost());
      assertThat(TableCatalog.shapes(connection, ids)).hasSize(FEW);
      costs.put("shapes", explained.takeCost());
      assertThat(TableSize.of(connection, ids, true)).hasSize(FEW);
      costs.put("sizes", explained.takeCost());
    }
    return costs;
  }

  /** As many tables as partitions, half of them below a partition. */
  private void create(int from, int to) {
    for (int first = from; first < to; first += STATEMENTS_PER_TRANSACTION) {
      database.execute(
          """
          do $$ begin for i in %d .. %d loop
            execute format('create table t%%1$s (id int primary key)', i);
            execute format('alter publication named add table t%%s', i);
            execute format('create table p%%1$s partition of %%2$s for values from (%%3$s) to (%%3$s + 1)',
              i, case when i %% 2 = 0 then 'root' else 'middle' end, case when i %% 2 = 0 then 1000000 + i else i end);
          end loop; end $$
          """
              .formatted(first, Math.min(first + STATEMENTS_PER_TRANSACTION, to) - 1));
    }
    database.execute(
        "analyze pg_class; analyze pg_inherits; analyze pg_index; analyze pg_attribute; analyze pg_publication_rel");
  }

  private Map<String, Long> costs() throws SQLException {
    Map<String, Long> costs = new LinkedHashMap<>();
    TableId root = new TableId(Long.parseLong(database.value("select 'root'::regclass::oid")));
    TableId one = new TableId(Long.parseLong(database.value("select 'other_1'::regclass::oid")));
    TableId other = new TableId(Long.parseLong(database.value("select 'other'::regclass::oid")));
    try (Connection real = database.connect()) {
      ExplainedConnection explained = new ExplainedConnection(real);
      Connection connection = explained.connection();
      StandbySource primary = new StandbySource(false, FailoverSlots.AUTO, "no_slot");
      for (String publication : new String[] {"everything", "leaves", "whole", "named"}) {
        assertThat(PublicationCatalog.tables(connection, publication)).isNotEmpty();
        costs.put(publication + ", all", explained.takeCost());
        TableId published = publication.equals("whole") ? other : one;
        assertThat(PublicationCatalog.table(connection, publication, published)).isPresent();
        costs.put(publication + ", one", explained.takeCost());
        SourceCheck.run(connection, publication, primary, 0, 0);
        costs.put(publication + ", check", explained.takeCost());
      }
      PublishedTable small = PublicationCatalog.table(connection, "whole", other).orElseThrow();
      costs.putAll(descriptions(explained, root, small));
      assertThat(TableLeaf.of(connection, root)).hasSizeGreaterThanOrEqualTo(TABLES);
      costs.put("leaves of a large table", explained.takeCost());
      assertThat(TableLeaf.of(connection, other)).hasSize(1);
      costs.put("leaves of one", explained.takeCost());
      assertThat(TableSize.of(connection, List.of(root), true)).hasSize(1);
      costs.put("size of a large table", explained.takeCost());
      assertThat(TableSize.of(connection, List.of(other), true)).hasSize(1);
      costs.put("size of one", explained.takeCost());
    }
    return costs;
  }

  private Map<String, Long> descriptions(
      ExplainedConnection explained, TableId large, PublishedTable small) throws SQLException {
    Map<String, Long> costs = new LinkedHashMap<>();
    Connection connection = explained.connection();
    try (SourceDatabase source =
        new SourceDatabase(database.connectionConfig(), "it", Platform.jvm())) {
      TableCatalog catalog = source.catalog();
      assertThat(catalog.schema(connection, small, Lsn.ZERO).columnCount()).isEqualTo(2);
      costs.put("description of one", explained.takeCost());
      catalog.warnOfIdentity(connection, List.of(small.id()));
      costs.put("identities below one", explained.takeCost());
      catalog.warnOfIdentity(connection, List.of(large));
      costs.put("identities below a large table", explained.takeCost());
    }
    return costs;
  }
}
