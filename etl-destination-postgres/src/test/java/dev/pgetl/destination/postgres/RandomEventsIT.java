package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.event.Event;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Batches of random changes, small and large, leave in the database the rows that the same changes
 * leave one by one, although a unique constraint forbids many orders. Seed and count: {@code
 * -Dfold.seed=… -Dfold.batches=…}.
 */
@ExtendWith(PostgresExtension.class)
class RandomEventsIT {
  @RegisterExtension private static final Seed SEED = Seed.of("fold");
  private static final int BATCHES = RandomRuns.count("fold.batches", 60);
  private static final TableSchema TABLE =
      TestTable.named("random_events")
          .key("k1", TestTable.INT8)
          .key("k2", TestTable.TEXT)
          .column("place", TestTable.INT4)
          .column("a", TestTable.TEXT)
          .column("large", TestTable.TEXT)
          .build();

  private final SplittableRandom random = new SplittableRandom(SEED.value());
  private final Map<String, @Nullable String[]> rows = new TreeMap<>();
  private int value;

  @Test
  void batchesLeaveTheRowsThatSingleChangesLeave(TestDatabase database) {
    try (Destination destination =
        PostgresDestination.builder(database.connectionConfig(), "random").build()) {
      destination.startup();
      destination.truncateTable(null, TABLE);
      database.execute("alter table random_events add unique (place)");
      List<Event> before = List.of();
      for (int batch = 1; batch <= BATCHES; batch++) {
        List<Event> events = changes(0x100L * batch, random.nextInt(4) == 0 ? 400 : 8);
        List<Event> delivered = new ArrayList<>(before);
        delivered.addAll(events);
        var unused = destination.writeEvents(random.nextInt(5) == 0 ? delivered : events);
        assertThat(database.query("select k1, k2, place, a, large from random_events"))
            .as("batch %d", batch)
            .containsExactlyInAnyOrderElementsOf(texts());
        before = events;
      }
    }
  }

  private List<Event> changes(long lsn, int count) {
    TestTransaction changes = TestTransaction.at(lsn);
    for (int i = 0; i < count; i++) {
      change(changes);
    }
    return changes.commit();
  }

  private void change(TestTransaction changes) {
    String[] key = {Integer.toString(random.nextInt(60)), random.nextBoolean() ? "x" : "y"};
    @Nullable String[] known = rows.get(name(key));
    if (known == null) {
      @Nullable String[] next = {key[0], key[1], freePlace(), "v" + ++value, "large" + value};
      rows.put(name(key), next);
      changes.insert(row(TABLE, next));
    } else if (random.nextInt(5) == 0) {
      rows.remove(name(key));
      changes.delete(old(known));
    } else {
      update(changes, known);
    }
  }

  private void update(TestTransaction changes, @Nullable String[] known) {
    @Nullable String[] next = known.clone();
    next[2] = random.nextBoolean() ? freePlace() : known[2];
    next[3] = random.nextInt(9) == 0 ? null : "v" + ++value;
    boolean sendsLarge = random.nextInt(3) == 0;
    next[4] = sendsLarge ? "large" + value : known[4];
    String[] moved = {Integer.toString(random.nextInt(60)), "x"};
    boolean moves = random.nextInt(4) == 0 && !rows.containsKey(name(moved));
    rows.remove(name(known));
    if (moves) {
      next[0] = moved[0];
      next[1] = moved[1];
    }
    rows.put(name(next), next);
    @Nullable String[] sent = next.clone();
    if (!sendsLarge) {
      sent[4] = ABSENT;
    }
    if (moves) {
      changes.updateFrom(old(known), row(TABLE, sent));
    } else {
      changes.update(row(TABLE, sent));
    }
  }

  private static TableRow old(@Nullable String[] known) {
    return row(TABLE, known[0], known[1], ABSENT, ABSENT, ABSENT);
  }

  /** Unique; null as often as there is no room. */
  private @Nullable String freePlace() {
    String place = Integer.toString(random.nextInt(100));
    boolean taken = rows.values().stream().anyMatch(each -> place.equals(each[2]));
    return taken ? null : place;
  }

  private static String name(@Nullable String[] values) {
    return values[0] + " " + values[1];
  }

  private List<List<@Nullable String>> texts() {
    return rows.values().stream().map(each -> Arrays.asList(each.clone())).toList();
  }
}
