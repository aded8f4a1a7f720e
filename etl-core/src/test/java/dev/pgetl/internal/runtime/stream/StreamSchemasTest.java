package dev.pgetl.internal.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Transaction;
import dev.pgetl.internal.capture.catalog.UnusedCatalog;
import dev.pgetl.internal.capture.facts.ColumnFacts;
import dev.pgetl.internal.capture.facts.ColumnFacts.Default;
import dev.pgetl.internal.capture.facts.Dated;
import dev.pgetl.internal.capture.facts.Moment;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.Aside;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A stream of one table, whose column {@code a} may be null or not, by the catalogue. */
class StreamSchemasTest implements SchemaStore {
  private static final TableId TABLE = new TableId(7);
  private final TreeMap<Lsn, TableSchema> stored = new TreeMap<>();
  private final Facts catalog = new Facts();
  private final StreamSchemas schemas =
      new StreamSchemas(
          this,
          catalog,
          new StreamFormat(ValueFormat.TEXT),
          new Aside(new Worker.Factory("shop", Platform.jvm(), error -> {}), "apply-aside"),
          () -> true,
          Set.of(),
          new OfOneTable());
  private final List<String> differences = new ArrayList<>();

  private final class OfOneTable implements StreamSchemas.Owner {
    @Override
    public void begin(Lsn commitLsn) {}

    @Override
    public long generation(TableId table, Lsn commitLsn) {
      return table.equals(TABLE) ? 1 : StreamTables.NOT_OURS;
    }

    @Override
    public void differs(TableId table, String reason) {
      differences.add(reason);
    }
  }

  private static final class Facts extends UnusedCatalog {
    private boolean notNull = true;
    private long writtenBy = 50;
    private int asked;
    private long typeChanges;

    @Override
    public Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others) {
      asked++;
      ColumnFacts a = new ColumnFacts("a", 23, -1, 1, notNull, Default.NONE, true, writtenBy);
      return Map.of(
          TABLE,
          new TableFacts(
              new Moment(1_000, Set.of()), List.of(a), Dated.always(List.of()), Map.of(), null));
    }

    @Override
    public long typeChanges() {
      return typeChanges;
    }
  }

  private long generation(long xid) {
    schemas.begin(new Transaction(new Lsn(xid), Instant.EPOCH, xid));
    return schemas.generation(TABLE, new Lsn(xid));
  }

  private TableSchema complete(long xid) {
    return schemas.complete(wire(xid), schemas.versionBefore(TABLE, new Lsn(xid)));
  }

  private static TableSchema wire(long xid) {
    return TableSchema.builder(TABLE, new TableName("public", "t"))
        .snapshotLsn(new Lsn(xid + 1))
        .replicaIdentity(ReplicaIdentity.FULL)
        .columns(
            List.of(
                ColumnSchema.builder("a", BuiltinTypes.named("int4"))
                    .inReplicaIdentity(true)
                    .build()))
        .build();
  }

  @Test
  void aReplayFindsTheVersionItStoredWhateverTheCatalogueSaysByNow() {
    generation(100);
    TableSchema first = complete(100);
    schemas.introduce(first);
    catalog.notNull = false;

    generation(100);
    assertThat(complete(100)).isEqualTo(first);
    assertThat(catalog.asked).isEqualTo(1);
    assertThat(first.column(0).nullable()).isFalse();
  }

  @Test
  void aLaterTransactionAsksTheCatalogue() {
    generation(100);
    schemas.introduce(complete(100));
    catalog.notNull = false;

    generation(101);
    assertThat(complete(101).column(0).nullable()).isTrue();
  }

  @Test
  void aTableIsDueAgainOnceTheStreamHasReachedWhatTheCatalogueSaid() {
    catalog.writtenBy = 150;
    long before = generation(100);
    schemas.introduce(complete(100));

    assertThat(generation(149)).isEqualTo(before);
    long reached = generation(150);
    assertThat(reached).isNotEqualTo(before);
    assertThat(complete(150).column(0).nullable()).isFalse();
    assertThat(generation(151)).isEqualTo(reached);
  }

  @Test
  void afterAReplayTheTableIsDueAgain() {
    long before = generation(100);
    schemas.introduce(complete(100));
    complete(100);

    assertThat(generation(101)).isNotEqualTo(before);
  }

  /** Of a thousand rows the first says enough; after a copy the next one does. */
  @Test
  void aRowThatLacksAValueIsReportedOncePerCopy() {
    TableSchema copied = wire(100);
    storeTableSchema(copied);
    schemas.incomplete(copied, 0);
    schemas.incomplete(copied, 0);
    assertThat(differences).hasSize(1);
    assertThat(getTableSchema(TABLE).flatMap(TableSchema::difference)).hasValue(differences.get(0));
    TableSchema again = wire(200);
    storeTableSchema(again);
    schemas.incomplete(again, 0);
    assertThat(differences).hasSize(2);
    assertThat(getTableSchema(TABLE).flatMap(TableSchema::difference)).isPresent();
  }

  /** What the store knows has been reported, at the start. */
  @Test
  void aRowThatLacksAValueHidesNoOtherDifference() {
    TableSchema copied = wire(100).toBuilder().difference("its row filter was changed").build();
    storeTableSchema(copied);
    schemas.incomplete(copied, 0);
    assertThat(differences).isEmpty();
    assertThat(getTableSchema(TABLE)).hasValue(copied);
  }

  @Test
  void allTablesAreDueWhenATypeHasChanged() {
    long before = generation(100);
    catalog.typeChanges++;

    assertThat(generation(101)).isNotEqualTo(before);
    assertThat(schemas.generation(new TableId(8), new Lsn(101))).isEqualTo(StreamTables.NOT_OURS);
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return Optional.ofNullable(stored.lastEntry()).map(Map.Entry::getValue);
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    return Optional.ofNullable(stored.floorEntry(at)).map(Map.Entry::getValue);
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int loadTableSchemas() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    stored.put(schema.snapshotLsn(), schema);
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    throw new UnsupportedOperationException();
  }
}
