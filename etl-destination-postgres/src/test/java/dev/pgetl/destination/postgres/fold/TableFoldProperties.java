package dev.pgetl.destination.postgres.fold;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Folded changes leave the rows that the same changes leave one by one. Seed and count: {@code
 * -Dfold.seed=… -Dfold.count=…}.
 */
class TableFoldProperties {
  private static final long FIRST_SEED = Seed.of("fold").value();
  private static final int COUNT = RandomRuns.count("fold.count", 3_000);
  private static final int KEYS = 8;

  @Test
  void foldedChangesEqualSingleOnes() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      ReplicaIdentity identity = seed % 3 == 0 ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT;
      new Case(new SplittableRandom(seed), identity)
          .check("-Dfold.seed=%d -Dfold.count=1".formatted(seed));
    }
  }

  /** A table, changed at random one by one. */
  private static final class Case {
    private final SplittableRandom random;
    private final TableSchema table;
    private final Map<String, @Nullable String[]> rows = new TreeMap<>();
    private final TestTransaction changes = TestTransaction.at(0x100);
    private int value;

    Case(SplittableRandom random, ReplicaIdentity identity) {
      this.random = random;
      this.table =
          TestTable.named("t")
              .identity(identity)
              .key("id", TestTable.INT8)
              .column("a", TestTable.TEXT)
              .column("b", TestTable.TEXT)
              .build();
    }

    void check(String description) {
      for (int key = 0; key < KEYS; key++) {
        if (random.nextBoolean()) {
          rows.put(key(key), values(key(key)));
        }
      }
      Map<String, @Nullable String[]> target = new TreeMap<>();
      rows.forEach((key, row) -> target.put(key, row.clone()));
      int steps = random.nextInt(30);
      for (int step = 0; step < steps; step++) {
        step();
      }
      TableFold fold = new TableFold(List.of(0));
      for (Event event : changes.commit()) {
        if (event instanceof Event.RowChange change) {
          assertThat(fold.add(change)).as(description).isTrue();
        }
      }
      applyTo(target, fold);
      assertThat(texts(target)).as(description).isEqualTo(texts(rows));
    }

    private void step() {
      String key = key(random.nextInt(KEYS));
      @Nullable String[] known = rows.get(key);
      if (known == null) {
        rows.put(key, values(key));
        changes.insert(row(table, rows.get(key)));
        return;
      }
      switch (random.nextInt(4)) {
        case 0 -> {
          rows.remove(key);
          changes.delete(old(known));
        }
        case 1 -> move(key, known);
        default -> update(key, known);
      }
    }

    private void update(String key, @Nullable String[] known) {
      @Nullable String[] next = values(key);
      @Nullable String[] sent = next.clone();
      for (int i = 1; i < next.length; i++) {
        if (!isFull() && random.nextInt(3) == 0) {
          next[i] = known[i];
          sent[i] = ABSENT;
        }
      }
      rows.put(key, next);
      if (isFull()) {
        changes.updateFrom(old(known), row(table, sent));
      } else {
        changes.update(row(table, sent));
      }
    }

    private void move(String key, @Nullable String[] known) {
      String free = key(random.nextInt(KEYS));
      if (!rows.containsKey(free)) {
        rows.remove(key);
        rows.put(free, new @Nullable String[] {free, known[1], known[2]});
        changes.updateFrom(old(known), row(table, free, known[1], isFull() ? known[2] : ABSENT));
      }
    }

    private TableRow old(@Nullable String[] known) {
      return isFull() ? row(table, known) : row(table, known[0], ABSENT, ABSENT);
    }

    private boolean isFull() {
      return table.replicaIdentity() == ReplicaIdentity.FULL;
    }

    private @Nullable String[] values(String key) {
      return new @Nullable String[] {
        key, random.nextInt(9) == 0 ? null : "v" + ++value, "w" + value
      };
    }

    private static String key(int number) {
      return Integer.toString(number);
    }
  }

  private static void applyTo(Map<String, @Nullable String[]> target, TableFold fold) {
    for (TableRow row : fold.deletes()) {
      assertThat(target.remove(row.text(0))).as("a row to delete").isNotNull();
    }
    Map<String, @Nullable String[]> moved = new TreeMap<>();
    fold.updates()
        .forEach(
            (changed, rows) -> {
              for (FoldedRow row : rows) {
                @Nullable String[] known = target.remove(row.before().text(0));
                assertThat(known).as("a row to update").isNotNull();
                for (int column : changed) {
                  known[column] = row.source(column).text(column);
                }
                assertThat(moved.put(String.valueOf(known[0]), known)).isNull();
              }
            });
    target.putAll(moved);
    for (FoldedRow row : fold.inserts()) {
      String key = String.valueOf(row.source(0).text(0));
      @Nullable String[] values = {key, row.source(1).text(1), row.source(2).text(2)};
      assertThat(target.put(key, values)).as("a row in the place of a new one").isNull();
    }
  }

  private static List<List<@Nullable String>> texts(Map<String, @Nullable String[]> rows) {
    List<List<@Nullable String>> texts = new ArrayList<>();
    rows.values().forEach(row -> texts.add(java.util.Arrays.asList(row)));
    return texts;
  }
}
