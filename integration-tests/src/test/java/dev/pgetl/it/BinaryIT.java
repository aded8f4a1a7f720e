package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values in binary format are the same values, under the same keys. */
class BinaryIT {
  private static final String TABLES =
      """
      create type mood as enum ('sad', 'ok');
      create table typed(id int primary key, small int2, big int8, flag bool, r real, d double precision,
        n numeric(20,4), s text, v varchar(20), c char(5), b bytea, ts timestamp, tz timestamptz, da date, ti time,
        u uuid, jb jsonb, ia int[], ta text[], m mood);
      alter table typed alter s set storage external, replica identity full;
      create table keyed (like typed including all);
      create table hollow(id int primary key, v text);
      create table parted(id int, v text, primary key (id)) partition by range (id);
      create table parted1 partition of parted for values from (0) to (100);
      create table parted2 partition of parted for values from (100) to (200);
      create table filtered(id int primary key, shown text, hidden text);
      """;

  private static final String ROWS =
      """
      insert into %1$s values (%2$d, 1, -9000000000, true, 1.5, 1e-300, 1234.5600, repeat('ä', 5000), 'v', 'c',
        decode(repeat('00ff', 20000), 'hex'), '2026-01-02 03:04:05.678901', '1969-12-31 23:59:59.999999+00',
        'infinity', '24:00', '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9', '{"a": [1, null]}',
        '{{1,2},{3,null}}', '{"x,y",null,""}', 'ok');
      insert into %1$s(id, s) values (%3$d, '');
      """;

  private static final String CHANGES =
      """
      begin; %s %s
      insert into hollow values (1, 'a'), (2, null); insert into parted values (1, 'a'), (150, 'b');
      insert into filtered values (10, 'a', 'x'), (11, 'b', 'y'), (12, null, null); commit;
      update typed set small = 2, d = 'NaN'; update keyed set small = 2, r = '-Infinity';
      update typed set id = id + 1000, b = null where id > 10; update keyed set id = id + 1000 where id > 10;
      update typed set s = repeat('b', 6000) where id = 1; update keyed set s = null where id = 1;
      update parted set id = 61 where id = 150; update filtered set shown = 'c' where id = 10;
      begin; select pg_logical_emit_message(true, 'audit', 'm'); delete from typed where id < 100;
      delete from keyed where id < 100; delete from parted; delete from filtered where id = 12; commit;
      truncate hollow, keyed; insert into hollow values (3, 'after');
      """
          .formatted(ROWS.formatted("typed", 11, 12), ROWS.formatted("keyed", 11, 12));

  private static final List<String> NAMES =
      List.of("typed", "keyed", "hollow", "parted", "filtered");

  /** A pipeline and what it delivered. */
  private record Delivered(Pipeline pipeline, RecordingDestination destination)
      implements AutoCloseable {
    void awaitApplied(TestDatabase source) throws InterruptedException {
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      assertThat(pipeline.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
    }

    @Override
    public void close() {
      pipeline.close();
    }
  }

  @Test
  void deliversWhatTextDelivers() throws InterruptedException {
    try (TestDatabase source = database();
        MemoryStore textStore = new MemoryStore();
        MemoryStore binaryStore = new MemoryStore();
        Delivered text = start(source, "t", textStore, false);
        Delivered binary = start(source, "b", binaryStore, true)) {
      text.awaitApplied(source);
      binary.awaitApplied(source);
      source.execute(CHANGES);
      text.awaitApplied(source);
      binary.awaitApplied(source);

      assertSameDelivered(text.destination(), binary.destination());
      assertThat(copiedBytes(binary.pipeline(), "typed"))
          .isLessThan(copiedBytes(text.pipeline(), "typed") * 3 / 4);
      assertThat(binary.pipeline().status().stream().reconnects()).isZero();
      DeliveryAssert.assertThat(binary.destination())
          .deliveredOnceInOrder()
          .converged(source, "typed", "keyed", "hollow", "parted");
    }
  }

  private static TestDatabase database() {
    TestDatabase source = TestPostgres.shared().createDatabase();
    source.execute(TABLES);
    source.execute(ROWS.formatted("typed", 1, 2));
    source.execute(ROWS.formatted("keyed", 1, 2));
    source.execute(
        """
        insert into parted select g, 'p' || g from generate_series(20, 180, 20) g;
        insert into filtered select g, 's' || g, 'h' || g from generate_series(20, 40) g;
        """);
    source.execute(
        "create publication pub for table typed, keyed, hollow, parted, filtered"
            + (TestPostgres.shared().majorVersion() >= 15 ? " (id, shown) where (id % 2 = 0)" : "")
            + " with (publish_via_partition_root = true)");
    return source;
  }

  private static Delivered start(
      TestDatabase source, String id, MemoryStore store, boolean binary) {
    RecordingDestination destination = new RecordingDestination();
    PipelineConfig config =
        PipelineConfig.builder(id, "pub", source.connectionConfig())
            .messagePrefixes(Set.of("audit"))
            .binary(binary)
            .build();
    Pipeline pipeline = Pipeline.create(config, store, destination);
    pipeline.start();
    return new Delivered(pipeline, destination);
  }

  private static void assertSameDelivered(RecordingDestination text, RecordingDestination binary) {
    for (String table : NAMES) {
      assertThat(binary.copiedRows(table).stream().map(BinaryIT::cells).toList())
          .as(table)
          .isEqualTo(text.copiedRows(table).stream().map(BinaryIT::cells).toList());
    }
    List<List<@Nullable Object>> expected = text.events().stream().map(BinaryIT::facts).toList();
    assertThat(binary.events().stream().map(BinaryIT::facts).toList())
        .hasSizeGreaterThan(30)
        .containsExactlyElementsOf(expected);
  }

  private static long copiedBytes(Pipeline pipeline, String table) {
    return pipeline.status().tables().values().stream()
        .filter(status -> status.name().name().equals(table))
        .mapToLong(TableStatus::copiedBytes)
        .sum();
  }

  private static List<@Nullable Object> facts(Event event) {
    List<@Nullable Object> facts = new ArrayList<>();
    facts.add(event.getClass().getSimpleName());
    facts.add(event.sequence());
    if (event instanceof Event.Insert insert) {
      facts.add(cells(insert.row()));
    } else if (event instanceof Event.Update update) {
      OldRow old = update.oldRow();
      facts.add(cells(update.row()));
      facts.add(old == null ? null : cells(old.row()));
    } else if (event instanceof Event.Delete delete) {
      facts.add(cells(delete.oldRow().row()));
    }
    return facts;
  }

  /** Table, then value and text of each column. */
  private static List<@Nullable Object> cells(TableRow row) {
    List<@Nullable Object> cells = new ArrayList<>();
    cells.add(row.table().name());
    for (int i = 0; i < row.columnCount(); i++) {
      cells.add(row.isPresent(i) ? row.text(i) : "absent");
      cells.add(row.isPresent(i) ? row.get(i) : "absent");
    }
    return cells;
  }

  /** The format is no part of what is remembered. */
  @Test
  void mayBeSwitchedOnAndOffBetweenRuns() throws InterruptedException {
    boolean[] binary = {false};
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.binary(binary[0]))
            .start()
            .awaitReady()) {
      for (int run = 1; run <= 4; run++) {
        scenario
            .source()
            .execute(
                "insert into users(name, age) values ('u', %d); update users set age = age + 1"
                    .formatted(run));
        scenario.awaitApplied();
        assertThat(scenario.streamsBinary()).isEqualTo(binary[0]);
        scenario.stop();
        scenario.source().execute("insert into orders(description) values ('meanwhile')");
        binary[0] = !binary[0];
        scenario.start().awaitReady();
      }
      scenario.awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .deliveredRows("users", 4)
          .deliveredRows("orders", 4)
          .converged(scenario.source(), "users", "orders");
    }
  }

  /**
   * A position within a transaction that was delivered in part, in the one format, then the other.
   */
  @Test
  void aReplayInTheOtherFormatHasTheSameKeys() throws InterruptedException {
    boolean[] binary = {true};
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.binary(binary[0]))
            .start()
            .awaitReady()) {
      for (int run = 1; run <= 2; run++) {
        int before = scenario.destination().changes("users").size();
        scenario
            .destination()
            .on(Operation.EVENTS)
            .once()
            .failAfterWrite(ErrorKind.DESTINATION_REJECTED);
        scenario
            .source()
            .execute(
                "insert into users(name, age) select 'n', g from generate_series(1, 500) g;"
                    + "alter table users add column c%d numeric default 1.%d".formatted(run, run));
        scenario.destination().awaitChanges("users", before + 1);
        scenario.pipeline().close();
        binary[0] = !binary[0];
        scenario.start().awaitReady().awaitApplied();
      }
      assertThat(scenario.changes("users", Event.Insert.class)).hasSizeGreaterThan(1000);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "users");
    }
  }
}
