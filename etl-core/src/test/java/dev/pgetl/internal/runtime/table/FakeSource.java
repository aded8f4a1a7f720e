package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A source that comes as far as the first question of a sync worker. Thread-safe. */
final class FakeSource implements Source {
  private final Consumer<TableId> asked;
  private final List<String> droppedSlots = new CopyOnWriteArrayList<>();

  /** Each sync worker asks once, before it copies; the answer is to throw something. */
  FakeSource(Consumer<TableId> asked) {
    this.asked = asked;
  }

  List<String> droppedSlots() {
    return List.copyOf(droppedSlots);
  }

  @Override
  public PublishedTable publishedTable(String publicationName, TableId id, TableName name) {
    asked.accept(id);
    throw new IllegalStateException("the source knows no tables");
  }

  @Override
  public void dropSlot(String name) {
    droppedSlots.add(name);
  }

  @Override
  public void check(String publicationName, String applySlotName, int slotsNeeded) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void own(String applySlot, Consumer<Optional<SlotState>> continuity) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void requireOwned() {}

  @Override
  public SourceFacts facts() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Catalog catalog() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<SlotState> slots() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<SlotState> slot(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Lsn createSlot(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void releaseSlot(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Lsn probe() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ReplicationConnection openReplication(String role) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
