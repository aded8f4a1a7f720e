package dev.pgetl.internal.runtime.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.event.Transaction;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.quarantine.RefusalPolicy;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class QuarantinedTablesTest {
  private static final Instant COMMITTED = Instant.parse("2026-03-01T12:00:00Z");
  private static final TableId ID = new TableId(7);
  private static final TableId OTHER = new TableId(8);
  private static final TableName NAME = new TableName("public", "users");
  private static final TableSchema USERS = TableSchema.builder(ID, NAME).build();
  private static final Transaction TRANSACTION = new Transaction(new Lsn(0x10), COMMITTED, 1);

  private final Map<TableId, TableStatus> tables = Map.of(ID, status(ID), OTHER, status(OTHER));
  private final QuarantiningDestination guarded =
      QuarantiningDestination.builder(new Refusing(), new Forgetful())
          .otherTables(RefusalPolicy.QUARANTINE)
          .build();

  QuarantinedTablesTest() {
    guarded.tablesPublished(List.of());
  }

  private static TableStatus status(TableId id) {
    return TableStatus.builder(id, NAME, new Ready()).copiedRows(3).build();
  }

  @Test
  void nothingIsInQuarantineAtFirst() {
    assertThat(QuarantinedTables.addTo(guarded, tables)).isEqualTo(tables);
  }

  @Test
  void aTableNamesItsEventsAndTheOthersNone() {
    Event refused = new Event.Insert(TRANSACTION, 4, USERS, TableRow.of(USERS));
    WriteResult unused = guarded.writeEvents(List.of(refused));

    Map<TableId, TableStatus> now = QuarantinedTables.addTo(guarded, tables);

    QuarantineStatus quarantine =
        new QuarantineStatus(ID, NAME, 1, COMMITTED, List.of(refused.sequence()), true, false);
    assertThat(now)
        .containsEntry(ID, status(ID).withQuarantine(quarantine))
        .containsEntry(OTHER, status(OTHER));
    assertThat(QuarantinedTables.addTo(guarded, Map.of())).as("not published any more").isEmpty();
  }

  private static final class Refusing implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new EtlException(ErrorKind.DESTINATION_REJECTED, "no").withTable(ID.oid());
    }

    @Override
    public boolean refusesWholeCalls() {
      return true;
    }
  }

  private static final class Forgetful implements Quarantine {
    @Override
    public void open(long epoch, Consumer<QuarantinedEvent> sink) {}

    @Override
    public void add(List<QuarantinedEvent> events) {}

    @Override
    public List<QuarantinedEvent> read(TableId table, EventSequence after, int limit) {
      return List.of();
    }

    @Override
    public void mark(TableId table, List<EventSequence> events, EventSequence first) {}

    @Override
    public void unmark(TableId table, List<EventSequence> events) {}

    @Override
    public Optional<EventSequence> lastReplayKey(TableId table) {
      return Optional.empty();
    }

    @Override
    public void remove(TableId table, Collection<EventSequence> events) {}

    @Override
    public void clear(TableId table) {}

    @Override
    public void close() {}
  }
}
