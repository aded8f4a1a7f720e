package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of published tables is the server's own, whatever a publication names, and how. */
class PublicationCatalogIT {
  private static final String TABLES =
      """
      create schema a; create schema b;
      create table plain(id int primary key, gone int, v text); alter table plain drop column gone;
      create table gen(id int primary key, g int generated always as (id * 2) stored);
      create table none();
      create table base(id int primary key); create table kid() inherits (base);
      create unlogged table ul(id int primary key); create view vw as select 1; create sequence sq;
      create table p(id int primary key) partition by range (id);
      create table p1 partition of p for values from (0) to (10);
      create table p2 partition of p for values from (10) to (20) partition by range (id);
      create table p2a partition of p2 for values from (10) to (20);
      create unlogged table p3 partition of p for values from (20) to (30);
      create table q(id int primary key) partition by range (id);
      create table a.t(id int primary key);
      create table a.r(id int primary key) partition by range (id);
      create table b.r1 partition of a.r for values from (0) to (10);
      create table a.r2 partition of a.r for values from (10) to (20) partition by range (id);
      create table b.r2a partition of a.r2 for values from (10) to (20);
      """;

  private static final String FOREIGN_PARTITION =
      """
      create foreign data wrapper elsewhere; create server far foreign data wrapper elsewhere;
      create table qq(id int) partition by range (id);
      create foreign table qf partition of qq for values from (0) to (10) server far;
      """;

  /** What a publication may be for, before Postgres 15. */
  private static final List<String> CHOICES =
      List.of(
          "",
          "for table plain, gen, none, base",
          "for table only base",
          "for table p, q",
          "for table p, p1, p2",
          "for table p2, p1",
          "for table p2a, p2",
          "for all tables");

  private static final List<String> CHOICES_15 =
      List.of(
          "for table qq",
          "for table plain (id), gen, base where (id > 5)",
          "for table p1 (id) where (id > 1), p",
          "for tables in schema a",
          "for tables in schema b",
          "for tables in schema a, b",
          "for tables in schema public",
          "for tables in schema a, table b.r1, plain",
          "for tables in schema b, table a.r",
          "for table a.t where (id > 3), tables in schema a");

  private static final List<String> CHOICES_18 =
      List.of(
          "for table gen, v with (publish_generated_columns = stored)",
          "for table gen (id, g), v (id, s)",
          "for all tables with (publish_generated_columns = stored)");

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(database.connectionConfig(), "it", Platform.jvm());

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @Test
  void isTheServersOwnList() throws SQLException {
    database.execute(TABLES + FOREIGN_PARTITION);
    int major = TestPostgres.shared().majorVersion();
    int number = 0;
    for (String choice : choices(major)) {
      String name = "pub_" + number++;
      database.execute("create publication " + name + " " + choice);
      assertSame(name, choice, major);
      if (!choice.contains("with (")) {
        database.execute("alter publication " + name + " set (publish_via_partition_root = true)");
        assertSame(name, choice + ", through the root", major);
      }
    }
  }

  private List<String> choices(int major) {
    List<String> choices = new ArrayList<>(CHOICES);
    if (major >= 15) {
      choices.addAll(CHOICES_15);
    }
    if (major >= 18) {
      database.execute(
          "create table v(id int primary key, s int generated always as (id) stored, w int generated always as (id) virtual)");
      choices.addAll(CHOICES_18);
    }
    return choices;
  }

  /**
   * Postgres 14 may list a table twice and knows no columns, 15 also lists generated columns, which
   * it does not send.
   */
  private void assertSame(String publication, String choice, int major) throws SQLException {
    List<List<String>> found = new ArrayList<>();
    try (Session session = source.openCopy("test")) {
      for (PublishedTable table : source.publishedTables(publication)) {
        String columns = major < 16 ? "" : String.join(",", table.columns().names());
        found.add(
            List.of(table.name().toString(), columns, source.rowFilter(session.jdbc(), table)));
      }
    }
    String columns = major < 16 ? "''" : "coalesce(array_to_string(attnames, ','), '')";
    String rowFilter = major < 15 ? "''" : "coalesce(rowfilter, '')";
    assertThat(found)
        .as(choice)
        .containsExactlyInAnyOrderElementsOf(
            database.query(
                "select distinct schemaname || '.' || tablename, %s, %s from pg_publication_tables where pubname = '%s'"
                    .formatted(columns, rowFilter, publication)));
  }
}
