package dev.pgetl.internal.decode;

import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A random history of a few tables, in two forms: the messages a server sends from a position on,
 * and the events they have to become.
 */
final class RandomWal {
  static final List<Long> TABLES = List.of(7L, 8L, 9L);

  /** What a table looks like to the stream. */
  private record Shape(String name, char identity, List<WireColumn> columns) {
    byte[] message(long oid) {
      return PgOutputBytes.relation(oid, name, identity, columns.toArray(WireColumn[]::new));
    }
  }

  /** Something done in a transaction: what the server sends for it, and the event it becomes. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Step(List<Long> tables, Map<Long, Shape> shapes, byte[] message, String event) {}

  private record Tx(long commitLsn, long endLsn, List<Step> steps) {}

  private final RandomGenerator random;
  private final boolean binary;
  private final List<Tx> transactions = new ArrayList<>();
  private final Map<Long, Shape> shapes = new HashMap<>();

  RandomWal(RandomGenerator random) {
    this(random, false);
  }

  /** With the same numbers the same history in either format. */
  RandomWal(RandomGenerator random, boolean binary) {
    this.random = random;
    this.binary = binary;
    TABLES.forEach(oid -> shapes.put(oid, shape(oid)));
    long lsn = 0x1000;
    for (int i = random.nextInt(2, 8); i > 0; i--) {
      long commit = lsn + random.nextInt(1, 100);
      lsn = commit + random.nextInt(8, 40);
      transactions.add(new Tx(commit, lsn, steps()));
    }
  }

  /** {@return the ends of all transactions} */
  List<Long> ends() {
    return transactions.stream().map(Tx::endLsn).toList();
  }

  private List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      long oid = TABLES.get(random.nextInt(TABLES.size()));
      if (random.nextInt(4) == 0) {
        shapes.put(oid, shape(oid));
      }
      steps.add(step(oid));
    }
    return steps;
  }

  private Shape shape(long oid) {
    List<WireColumn> columns = new ArrayList<>();
    columns.add(WireColumn.key("id"));
    for (int i = random.nextInt(3); i > 0; i--) {
      columns.add(WireColumn.text("c" + random.nextInt(3)));
    }
    return new Shape("t" + oid, random.nextBoolean() ? 'd' : 'f', columns);
  }

  private Step step(long oid) {
    return switch (random.nextInt(5)) {
      case 0 -> truncate();
      case 1 -> message();
      case 2 -> {
        String[] cells = cells(oid);
        byte[] bytes = tuple(PgOutputBytes.delete(oid).int8('O'), cells);
        yield row(oid, bytes, "Delete " + oid + List.of(cells));
      }
      case 3 -> {
        String[] cells = cells(oid);
        byte[] bytes = tuple(PgOutputBytes.update(oid).int8('N'), cells);
        yield row(oid, bytes, "Update " + oid + List.of(cells));
      }
      default -> {
        String[] cells = cells(oid);
        byte[] bytes = tuple(PgOutputBytes.of('I').int32(oid).int8('N'), cells);
        yield row(oid, bytes, "Insert " + oid + List.of(cells));
      }
    };
  }

  private byte[] tuple(PgOutputBytes message, String... cells) {
    if (!binary) {
      return message.tuple(cells).bytes();
    }
    Object[] values = Arrays.copyOf(cells, cells.length, Object[].class);
    values[0] = Integer.valueOf(cells[0]);
    return message.binaryTuple(values).bytes();
  }

  private Step row(long oid, byte[] message, String event) {
    return new Step(List.of(oid), Map.copyOf(shapes), message, event);
  }

  private Step truncate() {
    List<Long> oids = TABLES.stream().filter(oid -> random.nextBoolean()).toList();
    byte[] message = PgOutputBytes.truncate(0, oids.stream().mapToLong(Long::valueOf).toArray());
    return new Step(oids, Map.copyOf(shapes), message, "Truncate");
  }

  private Step message() {
    String text = "m" + random.nextInt();
    return new Step(
        List.of(), Map.of(), PgOutputBytes.logical(true, 1, "p", text), "Message " + text);
  }

  private String[] cells(long oid) {
    Shape shape = Objects.requireNonNull(shapes.get(oid));
    String[] cells = new String[shape.columns().size()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = Integer.toString(random.nextInt(1000));
    }
    return cells;
  }

  /**
   * {@return what a new session sends} Tables are described before their first change and before
   * the first one after they changed; sometimes more often, as Postgres does.
   *
   * @param from transactions that ended before it may be missing
   */
  List<byte[]> messages(long from) {
    List<byte[]> messages = new ArrayList<>();
    Map<Long, Shape> described = new HashMap<>();
    for (Tx tx : transactions) {
      if (tx.commitLsn() < from && random.nextInt(3) > 0) {
        continue;
      }
      messages.add(PgOutputBytes.begin(tx.commitLsn()));
      for (Step step : tx.steps()) {
        for (long oid : step.tables()) {
          Shape shape = Objects.requireNonNull(step.shapes().get(oid));
          if (!shape.equals(described.put(oid, shape)) || random.nextInt(4) == 0) {
            messages.add(shape.message(oid));
          }
        }
        messages.add(step.message());
      }
      messages.add(PgOutputBytes.commit(tx.commitLsn(), tx.endLsn()));
    }
    return messages;
  }

  /**
   * {@return the events of a session}
   *
   * @param from transactions committed before it were delivered by an earlier session
   * @param accepted the tables the session carries
   */
  List<String> events(long from, Set<Long> accepted) {
    List<String> events = new ArrayList<>();
    Map<Long, Shape> announced = new HashMap<>();
    for (Tx tx : transactions) {
      List<String> given = eventsOf(tx, accepted, announced);
      if (tx.commitLsn() >= from) {
        events.addAll(given);
      }
    }
    return events;
  }

  private static List<String> eventsOf(Tx tx, Set<Long> accepted, Map<Long, Shape> announced) {
    String at = Long.toHexString(tx.commitLsn()) + "#";
    List<String> events = new ArrayList<>();
    long ordinal = 0;
    for (Step step : tx.steps()) {
      boolean truncate = step.event().equals("Truncate");
      List<Long> carried = step.tables().stream().filter(accepted::contains).toList();
      if (step.tables().isEmpty() && !truncate) {
        ordinal += 2;
        events.add(at + ordinal + " " + step.event());
      }
      for (Long oid : step.tables()) {
        ordinal += 2;
        Shape shape = Objects.requireNonNull(step.shapes().get(oid));
        if (accepted.contains(oid) && !shape.equals(announced.put(oid, shape))) {
          events.add(at + (ordinal - 1) + " Relation " + oid + " " + shape.columns().size());
        }
      }
      if (!carried.isEmpty()) {
        events.add(at + ordinal + " " + step.event() + (truncate ? carried : ""));
      }
    }
    if (!events.isEmpty()) {
      events.add(0, at + "0 Begin");
      events.add(at + (ordinal + 2) + " Commit " + Long.toHexString(tx.endLsn()));
    }
    return events;
  }
}
