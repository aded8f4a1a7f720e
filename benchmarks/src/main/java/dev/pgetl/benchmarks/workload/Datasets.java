package dev.pgetl.benchmarks.workload;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The tables of the workloads. Every procedure is called with a number last, for its answer. */
final class Datasets {
  private static final String NARROW_COLUMNS =
      "id bigint primary key, account int not null, amount numeric(12,2), created timestamptz, note"
          + " text";

  /** Rows of a transaction from a number on, as many as are wanted at most. */
  private static final String NARROW_ROWS =
      """
      select i, i % 10000, (i % 1000000) / 100.0, timestamptz '2026-01-01' + i * interval '1 second', 'note number ' || i
            from generate_series(done + 1, least(done + per_tx, rows)) i\
      """;

  /** Changes rows from before, all over the table, none twice. */
  private static final String MIX =
      """
      create procedure mix_wide(changes bigint, before bigint, inout done bigint) language plpgsql as $$
      declare
        updated bigint := before * 4 / 5;
        n bigint := 0;
      begin
        while done < changes loop
          insert into wide select * from wide_rows(before + n * 60 + 1, before + n * 60 + 60);
          for i in n * 30 .. n * 30 + 29 loop
            update wide set c3 = c3 + 1, c11 = c11 || ', changed', c17 = now() where id = 1 + i * 7919 % updated;
          end loop;
          for i in n * 10 + 1 .. n * 10 + 10 loop
            delete from wide where id = updated + i;
          end loop;
          n := n + 1;
          done := done + 100;
          commit;
        end loop;
      end $$;
      """;

  private Datasets() {}

  /** {@return inserts of five columns, 100 bytes of WAL each} */
  static Dataset narrow(long rows, long perTransaction) {
    String definition =
        """
        create table narrow (%s);
        create procedure write_narrow(rows bigint, per_tx bigint, inout done bigint) language plpgsql as $$
        begin
          while done < rows loop
            insert into narrow
            %s;
            done := least(done + per_tx, rows);
            commit;
          end loop;
        end $$;
        """
            .formatted(NARROW_COLUMNS, NARROW_ROWS);
    return new Dataset(
        List.of("narrow"),
        definition,
        "call write_narrow(%d, %d, 0)".formatted(rows, perTransaction));
  }

  /**
   * {@return narrow rows with random keys, so that the order of the keys is not that of the rows}
   */
  static Dataset uuids(long rows) {
    String definition =
        """
        create table uuids (id uuid primary key, account int not null, amount numeric(12,2), created timestamptz, note text);
        create procedure write_uuids(rows bigint, inout done bigint) language plpgsql as $$
        begin
          alter table uuids drop constraint uuids_pkey;
          insert into uuids
            select md5(i::text)::uuid, i % 10000, (i % 1000000) / 100.0, timestamptz '2026-01-01' + i * interval '1 second', 'note number ' || i
            from generate_series(1, rows) i;
          alter table uuids add primary key (id);
          done := rows;
        end $$;
        """;
    return new Dataset(List.of("uuids"), definition, "call write_uuids(%d, 0)".formatted(rows));
  }

  /** {@return the same inserts, each transaction of 100 to the next of many tables} */
  static Dataset manyTables(long rows, int tables) {
    List<String> names = IntStream.rangeClosed(1, tables).mapToObj(i -> "narrow_" + i).toList();
    String definition =
        names.stream()
                .map(name -> "create table %s (%s);\n".formatted(name, NARROW_COLUMNS))
                .collect(Collectors.joining())
            + """
            create procedure write_many(rows bigint, per_tx bigint, tables int, inout done bigint) language plpgsql as $$
            begin
              while done < rows loop
                execute format('insert into narrow_%%s
                  select i, i %%%% 10000, (i %%%% 1000000) / 100.0, timestamptz ''2026-01-01'' + i * interval ''1 second'', ''note number '' || i
                  from generate_series($1, $2) i', 1 + done / per_tx %% tables) using done + 1, least(done + per_tx, rows);
                done := least(done + per_tx, rows);
                commit;
              end loop;
            end $$;
            """
                .formatted();
    return new Dataset(
        names, definition, "call write_many(%d, 100, %d, 0)".formatted(rows, tables));
  }

  /** {@return inserts of many columns, in transactions of 100} */
  static Dataset columns(long rows, int columns) {
    String names =
        IntStream.range(1, columns)
            .mapToObj(i -> ", c" + i + " text")
            .collect(Collectors.joining());
    String values =
        IntStream.range(1, columns)
            .mapToObj(i -> ", 'value " + i % 10 + "'")
            .collect(Collectors.joining());
    String definition =
        """
        create table columns (id bigint primary key%s);
        create procedure write_columns(rows bigint, per_tx bigint, inout done bigint) language plpgsql as $$
        begin
          while done < rows loop
            insert into columns select i%s from generate_series(done + 1, least(done + per_tx, rows)) i;
            done := least(done + per_tx, rows);
            commit;
          end loop;
        end $$;
        """
            .formatted(names, values);
    return new Dataset(
        List.of("columns"), definition, "call write_columns(%d, 100, 0)".formatted(rows));
  }

  /** {@return rows with one long text, in transactions of 100} */
  static Dataset documents(long rows, int bytes) {
    return texts(rows, bytes, 1);
  }

  /** {@return narrow rows, every thousandth with a text of 64 kB} */
  static Dataset mixed(long rows) {
    return texts(rows, 64 << 10, 1_000);
  }

  /** Texts are stored as they are, so that no figure contains compression. */
  private static Dataset texts(long rows, int bytes, int every) {
    String definition =
        """
        create table documents (id bigint primary key, title text, body text);
        alter table documents alter column body set storage external;
        create procedure write_documents(rows bigint, bytes int, every int, inout done bigint) language plpgsql as $$
        begin
          while done < rows loop
            insert into documents
              select i, 'document number ' || i, case when i % every = 0 then repeat(md5(i::text), bytes / 32) end
              from generate_series(done + 1, least(done + 100, rows)) i;
            done := least(done + 100, rows);
            commit;
          end loop;
        end $$;
        """;
    return new Dataset(
        List.of("documents"),
        definition,
        "call write_documents(%d, %d, %d, 0)".formatted(rows, bytes, every));
  }

  /** {@return rows of 25 columns of mixed types; no changes of them} */
  static Dataset wideRows(long rows) {
    return wide("call insert_wide(%d, 0)".formatted(rows));
  }

  /** {@return transactions of 60 inserts, 30 updates and 10 deletes of 25 mixed columns} */
  static Dataset wideChanges(long changes) {
    return wide("call change_wide(%d, 0)".formatted(changes));
  }

  /** {@return a call that writes the rows which {@link #wideMix} changes} */
  static String wideBefore(long changes) {
    return "call insert_wide(%d, 0)".formatted(changes / 2);
  }

  /**
   * {@return transactions of 60 inserts, 30 updates and 10 deletes of 25 mixed columns} Updates and
   * deletes are of rows from before, all over the table, and none is changed twice.
   */
  static Dataset wideMix(long changes) {
    Dataset wide = wide("call mix_wide(%d, %d, 0)".formatted(changes, changes / 2));
    return new Dataset(wide.tables(), wide.definition() + MIX, wide.call());
  }

  private static Dataset wide(String call) {
    String definition =
        """
        create table wide (id bigint primary key, c2 smallint, c3 int, c4 bigint, c5 numeric(14,4), c6 numeric,
          c7 real, c8 double precision, c9 bool, c10 text, c11 text, c12 varchar(40), c13 char(8), c14 date, c15 time,
          c16 timestamp, c17 timestamptz, c18 interval, c19 uuid, c20 bytea, c21 json, c22 jsonb, c23 int[], c24 text[], c25 inet);
        create function wide_rows(first bigint, last bigint) returns setof wide language sql as $$
          select i, (i % 30000)::smallint, (i * 7)::int, i * 1000003, i / 7.0, i * 12345.678901,
            (i % 1000)::real / 8, i / 3.0::float8, i % 2 = 0, 'name ' || i,
            'a longer text, which stands for a description of thing number ' || i, 'label ' || i % 100, 'C' || i % 1000,
            date '2026-01-01' + (i % 365)::int, time '00:00:01' + (i % 86000) * interval '1 second',
            timestamp '2026-01-01 00:00:00.123456' + i * interval '1 second',
            timestamptz '2026-01-01 00:00:00.5+00' + i * interval '1 second', (i % 100) * interval '1 hour 7 seconds',
            md5(i::text)::uuid, decode(md5(i::text), 'hex'), json_build_object('id', i, 'tags', '["a","b"]'),
            jsonb_build_object('id', i, 'price', i / 4.0), array[i::int, 2, 3], array['x' || i, 'y z', null],
            ('10.' || i % 256 || '.0.1')::inet
          from generate_series(first, last) i
        $$;
        create procedure insert_wide(rows bigint, inout done bigint) language plpgsql as $$
        begin
          insert into wide select * from wide_rows(1, rows);
          done := rows;
        end $$;
        create procedure change_wide(changes bigint, inout done bigint) language plpgsql as $$
        declare
          first bigint := 1;
        begin
          while done < changes loop
            insert into wide select * from wide_rows(first, first + 59);
            update wide set c3 = c3 + 1, c11 = c11 || ', changed', c17 = now() where id between first and first + 29;
            delete from wide where id between first + 50 and first + 59;
            first := first + 60;
            done := done + 100;
            commit;
          end loop;
        end $$;
        """;
    return new Dataset(List.of("wide"), definition, call);
  }
}
