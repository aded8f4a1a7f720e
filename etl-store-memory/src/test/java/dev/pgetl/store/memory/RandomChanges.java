package dev.pgetl.store.memory;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.store.memory.StoreChange.SchemasPruned;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Store changes of every kind about a few tables and slots, from a seed; names are as odd as can
 * be.
 */
public final class RandomChanges {
  private static final int TABLES = 4;
  private static final String ODD =
      "abc_019 \"\\'\n\r\t\0\u0001\u007f{}[],:ü\u4e2d\ud83d\ude00\ud800\udfff\ufffe\uffff";

  private final Random random;

  /** Changes of a seed. */
  public RandomChanges(long seed) {
    this.random = new Random(seed);
  }

  /** The next change. */
  public StoreChange next() {
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> new PhaseStored(table(), phase());
      case 3 -> new PhaseRolledBack(table());
      case 4, 5 -> new SchemaStored(schema());
      case 6 -> new SchemasPruned(retention());
      case 7 -> new MappingStored(table(), text());
      case 8 -> new ProgressDeleted(slot());
      case 9 -> new TableForgotten(table());
      case 10 -> new CopyRangesStored(table(), text());
      case 11 -> new CopyRangesDeleted(table());
      default -> new ProgressStored(progress());
    };
  }

  private TableId table() {
    int index = random.nextInt(TABLES);
    return new TableId(index == 0 ? 0xFFFFFFFFL : 16384 + index);
  }

  private String slot() {
    return "pgetl_" + random.nextInt(3);
  }

  private Lsn lsn() {
    return new Lsn(random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(1000));
  }

  private String text() {
    int length = random.nextInt(8);
    return random
        .ints(length, 0, ODD.length())
        .collect(StringBuilder::new, (text, i) -> text.append(ODD.charAt(i)), StringBuilder::append)
        .toString();
  }

  private <T> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private TableReplicationPhase phase() {
    return switch (random.nextInt(7)) {
      case 0 -> new TableReplicationPhase.Init();
      case 1 -> new TableReplicationPhase.DataSync();
      case 2 -> new TableReplicationPhase.FinishedCopy();
      case 3 -> new TableReplicationPhase.SyncDone(lsn());
      case 4 -> new TableReplicationPhase.Ready();
      case 5 ->
          new TableReplicationPhase.Paused(
              Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
              one(
                  List.of(
                      new TableReplicationPhase.Init(),
                      new TableReplicationPhase.DataSync(),
                      new TableReplicationPhase.FinishedCopy())));
      default ->
          new TableReplicationPhase.Errored(
              text(),
              text(),
              one(List.of(RetryDirective.values())),
              1 + random.nextInt(9),
              random.nextBoolean() ? one(List.of(ErrorKind.values())) : null);
    };
  }

  private ReplicationProgress progress() {
    SlotLineage lineage =
        new SlotLineage(Long.toString(random.nextLong()), random.nextInt(), lsn());
    return new ReplicationProgress(slot(), lineage, lsn());
  }

  private Map<TableId, Lsn> retention() {
    Map<TableId, Lsn> retention = new HashMap<>();
    IntStream.range(0, random.nextInt(3)).forEach(i -> retention.put(table(), lsn()));
    return retention;
  }

  private TableSchema schema() {
    List<ColumnSchema> columns = Stream.generate(this::column).limit(random.nextInt(4)).toList();
    return TableSchema.builder(table(), new TableName(text(), text()))
        .snapshotLsn(lsn())
        .replicaIdentity(one(List.of(ReplicaIdentity.values())))
        .columns(columns)
        .scope(random.nextBoolean() ? scope() : null)
        .difference(random.nextBoolean() ? text() : null)
        .build();
  }

  private RowScope scope() {
    Map<TableId, TableName> partitions = Map.of(table(), new TableName(text(), text()));
    return new RowScope(random.nextLong(), text(), text(), text(), text(), partitions);
  }

  private ColumnSchema column() {
    return ColumnSchema.builder(text(), type(3))
        .modifier(random.nextInt())
        .inReplicaIdentity(random.nextBoolean())
        .attributeNumber(random.nextInt(1600))
        .nullable(random.nextBoolean())
        .primaryKeyOrdinal(random.nextInt(3))
        .defaultExpression(random.nextBoolean() ? text() : null)
        .build();
  }

  private PgType type(int depth) {
    PgType inner = depth > 0 && random.nextBoolean() ? type(depth - 1) : null;
    List<PgType.Field> fields =
        Stream.generate(() -> new PgType.Field(text(), type(depth - 1)))
            .limit(depth > 0 ? random.nextInt(3) : 0)
            .toList();
    return new PgType(
        random.nextLong() & 0xFFFFFFFFL,
        text(),
        text(),
        one(List.of(PgType.Kind.values())),
        inner,
        ODD.charAt(random.nextInt(ODD.length())),
        fields);
  }
}
