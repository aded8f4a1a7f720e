package dev.pgetl.examples.quickstart;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A private Postgres with some tables; removed when it is closed or the JVM ends. */
final class DemoSource implements AutoCloseable {
  static final String PUBLICATION = "etl_demo_pub";
  static final List<String> TABLES = List.of("customer", "product", "purchase", "page_view");

  private static final String SCHEMA =
      """
      create table customer (id bigint primary key, name text not null, credit numeric(12,2), active boolean, since timestamptz);
      create table product (id int primary key, title text not null, price numeric(10,2), details jsonb);
      create table purchase (id bigint primary key, customer_id bigint, product_id int, quantity int, note text, at timestamp);
      create table page_view (id bigint primary key, path text, took double precision);
      insert into customer select g, 'Customer ' || g, g % 1000 + 0.25, g % 7 <> 0, now() - g * interval '1 minute'
        from generate_series(1, 50000) g;
      insert into product select g, 'Product "' || g || '"', g * 0.99, jsonb_build_object('sku', g, 'tags', array['a', 'b'])
        from generate_series(1, 10000) g;
      insert into purchase select g, g % 50000 + 1, g % 10000 + 1, g % 9 + 1, case when g % 3 = 0 then null else 'note ' || g end,
        timestamp '2026-01-01' + g * interval '1 second' from generate_series(1, 250000) g;
      insert into page_view select g, '/page/' || g % 100, random() from generate_series(1, 40000) g;
      analyze;
      create publication etl_demo_pub for table customer, product, purchase, page_view;
      """;

  private final PostgresCluster cluster;
  private final TestDatabase database;

  private DemoSource(PostgresCluster cluster, TestDatabase database) {
    this.cluster = cluster;
    this.database = database;
  }

  static DemoSource start() {
    PostgresCluster cluster = PostgresCluster.builder().start();
    TestDatabase database = cluster.createDatabase();
    database.execute(SCHEMA);
    return new DemoSource(cluster, database);
  }

  PgConnectionConfig connection() {
    return database.connectionConfig();
  }

  Connection connect() throws SQLException {
    return database.connect();
  }

  Lsn currentLsn() {
    return database.currentLsn();
  }

  List<List<@Nullable String>> rows(String table) {
    return database.query("select * from " + table + " order by id");
  }

  @Override
  public void close() {
    cluster.close();
  }
}
