package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.PostgresExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From a source to a destination, compared row by row. */
@ExtendWith(PostgresExtension.class)
class ReplicaIT {
  static final String TYPES =
      """
      create type mood as enum ('sad', 'it''s fine');
      create domain positive as int check (value > 0);
      create type point3 as (x int, y text);
      create table types (
        id uuid primary key, b boolean, s smallint, i int, l bigint, n numeric, n2 numeric(12,3),
        r real, d double precision, t text, v varchar(40), c char(9), y bytea, j json, jb jsonb,
        dt date, tm time, tz timetz, ts timestamp(3), tstz timestamptz, iv interval, ia int[],
        ta text[][], rg int4range, mr nummultirange, ip inet, ci cidr, mac macaddr, bt bit(3),
        vb bit varying, x xml, p point, bx box, m mood, ma mood[], po positive, p3 point3, o oid,
        q "char", ts2 tsvector);
      insert into types values (
        '00000000-0000-0000-0000-000000000001', true, -32768, 2147483647, -9223372036854775808,
        'NaN', 123456789.120, 1.1, 'Infinity', E'tab\\t line\\n back\\\\ quote'' "', 'ä€😀', 'ab',
        '\\x00ff5c', '{"a" : 1 }', '{"b": [1, null]}', 'infinity', '24:00', '12:00:01.5+03',
        '0044-03-15 BC', '-infinity', '-1 year 2 days -03:04:05.678', '[0:1]={1,null}',
        '{{"a,b","NULL"},{"",null}}', '[1,5)', '{[1,2),(3,]}', '10.1.2.3/24', '::1/128',
        '08:00:2b:01:02:03', '101', '10', '<a/>', '(1.5,2)', '(1,1),(0,0)', 'it''s fine',
        '{sad,NULL}', 7, '(1,"a ""b")', 4294967295, 'z', 'fat cat');
      insert into types (id) values ('00000000-0000-0000-0000-000000000002');
      create publication pub for all tables;
      """;

  @Test
  void valuesOfEveryTypeAreEqual() throws InterruptedException {
    try (Replica replica = new Replica(TYPES).start()) {
      replica.awaitReady().assertEqual("types");
      replica.source.execute(
          """
          insert into types select '00000000-0000-0000-0000-000000000003', b, s, i, l, n, n2, r, d,
            t, v, c, y, j, jb, dt, tm, tz, ts, tstz, iv, ia, ta, rg, mr, ip, ci, mac, bt, vb, x, p,
            bx, m, ma, po, p3, o, q, ts2 from types where b;
          update types set (t, n, iv, ta, m) = (select t, n, iv, ta, m from types where l < 0 limit 1)
            where b is null;
          update types set b = false where s is not null;
          """);
      replica.awaitApplied().assertEqual("types");
      assertThat(
              replica.target.value(
                  "select format_type(atttypid, atttypmod) from pg_attribute"
                      + " where attrelid = 'types'::regclass and attname = 'n2'"))
          .isEqualTo("numeric(12,3)");
    }
  }

  @Test
  void keysExchangedUnderUniqueConstraints() throws InterruptedException {
    String sql =
        """
        create table seats (id int primary key, place int unique);
        insert into seats select i, i from generate_series(1, 200) i;
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql).start()) {
      replica.awaitReady();
      replica.target.execute("alter table seats add unique (place)");
      replica.source.execute(
          """
          begin;
          update seats set id = -1 where id = 1;
          update seats set id = 1 where id = 2;
          update seats set id = 2 where id = -1;
          commit;
          begin;
          update seats set place = null where id < 150;
          update seats set place = 100 - id where id < 100;
          delete from seats where id between 100 and 120;
          update seats set id = id + 1000 where id > 150;
          insert into seats values (100, 500);
          commit;
          """);
      replica.awaitApplied().assertEqual("seats");
    }
  }

  @Test
  void largeValuesThatAreNotSentStay() throws InterruptedException {
    String sql =
        """
        create table docs (id int primary key, n int, body text);
        alter table docs alter body set storage external;
        insert into docs select i, 0, repeat('long ' || i, 1000) from generate_series(1, 60) i;
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql).start()) {
      replica.awaitReady();
      replica.source.execute(
          """
          begin;
          update docs set n = n + 1;
          update docs set body = repeat('other', 3000) where id % 7 = 0;
          update docs set id = id + 100 where id % 2 = 0;
          update docs set n = n + 1;
          commit;
          """);
      replica.awaitApplied().assertEqual("docs");
    }
  }

  @Test
  void tablesWithoutAKeyAndTruncations() throws InterruptedException {
    String sql =
        """
        create table log (at timestamptz, text text);
        create table bag (n numeric, j json, c char(4));
        alter table bag replica identity full;
        create table parent (id int primary key);
        insert into log select now(), 'copied' from generate_series(1, 3);
        insert into bag select 1.0, '{"a":1}', 'x' from generate_series(1, 3);
        insert into parent values (1);
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql).start()) {
      replica.awaitReady().assertEqual("log", "bag", "parent");
      replica.source.execute(
          """
          insert into log select now(), 'streamed' from generate_series(1, 50);
          update bag set n = 1.00 where ctid = (select min(ctid) from bag);
          insert into bag values (null, null, null), (null, null, null), (2, '[]', 'y');
          delete from bag where ctid in (select ctid from bag where n is null limit 1);
          delete from bag where ctid in (select ctid from bag where n::text = '1.0' limit 1);
          begin;
          insert into parent values (2);
          truncate parent;
          insert into parent values (3);
          commit;
          """);
      replica.awaitApplied().assertEqual("log", "bag", "parent");
    }
  }
}
