package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.cells;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.wal.Lsn;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What holds for every history. */
class PgOutputDecoderProperties {
  private static final int RUNS = 2_000;
  private static final Set<Long> ALL = Set.copyOf(RandomWal.TABLES);

  @Test
  void everyChangeBecomesItsEvent() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          RandomWal wal = new RandomWal(random);
          assertThat(session(wal, 0, ALL, new DecoderSession())).isEqualTo(wal.events(0, ALL));
        });
  }

  @Test
  void keysDoNotDependOnWhichTablesTheStreamCarries() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          RandomWal wal = new RandomWal(random);
          Set<Long> some = someTables(random);
          assertThat(session(wal, 0, some, new DecoderSession())).isEqualTo(wal.events(0, some));
        });
  }

  @Test
  void keysIncreaseAndAreNeverUsedTwice() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          DecoderSession decoded = new DecoderSession();
          session(new RandomWal(random), 0, someTables(random), decoded);
          assertThat(decoded.events().stream().map(Event::sequence))
              .isSorted()
              .doesNotHaveDuplicates();
        });
  }

  @Test
  void aSessionThatStartsLaterGivesTheSameFromThereOn() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          RandomWal wal = new RandomWal(random);
          DecoderSession before = new DecoderSession();
          session(wal, 0, ALL, before);
          long from = wal.ends().get(random.nextInt(wal.ends().size()));
          DecoderSession later = new DecoderSession(new Lsn(from));
          before.all(Event.Relation.class).forEach(relation -> later.knowing(relation.table()));

          assertThat(session(wal, from, ALL, later)).isEqualTo(wal.events(from, ALL));
        });
  }

  @Test
  void eventsAndKeysAreTheSameInBinaryFormat() throws Exception {
    RandomRuns.repeat(
        RUNS,
        random -> {
          long seed = random.nextLong();
          RandomWal text = new RandomWal(new SplittableRandom(seed));
          RandomWal binary = new RandomWal(new SplittableRandom(seed), true);
          Set<Long> some = someTables(random);
          assertThat(session(binary, 0, some, DecoderSession.inBinary()))
              .isEqualTo(text.events(0, some));
        });
  }

  private static Set<Long> someTables(RandomGenerator random) {
    Set<Long> some = new HashSet<>(ALL);
    some.removeIf(oid -> random.nextBoolean());
    return some;
  }

  private static List<String> session(
      RandomWal wal, long from, Set<Long> accepted, DecoderSession session) {
    session.accepting(accepted.stream().mapToLong(Long::valueOf).toArray()).acceptingMessages("p");
    wal.messages(from).forEach(session::decode);
    return session.events().stream().map(PgOutputDecoderProperties::describe).toList();
  }

  private static String describe(Event event) {
    String key =
        Long.toHexString(event.transaction().commitLsn().value())
            + "#"
            + event.txOrdinal()
            + " "
            + event.getClass().getSimpleName();
    if (event instanceof Event.Insert insert) {
      return key + " " + insert.table().id() + cells(insert.row());
    }
    if (event instanceof Event.Update update) {
      return key + " " + update.table().id() + cells(update.row());
    }
    if (event instanceof Event.Delete delete) {
      return key + " " + delete.table().id() + cells(delete.oldRow().row());
    }
    if (event instanceof Event.Truncate truncate) {
      return key + truncate.tables().stream().map(table -> table.id().oid()).toList();
    }
    if (event instanceof Event.Relation relation) {
      return key + " " + relation.table().id() + " " + relation.table().columnCount();
    }
    if (event instanceof Event.Message message) {
      return key + " " + message.text();
    }
    if (event instanceof Event.Commit commit) {
      return key + " " + Long.toHexString(commit.endLsn().value());
    }
    return key;
  }
}
