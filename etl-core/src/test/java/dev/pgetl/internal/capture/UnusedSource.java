package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A source that must not be asked; a test overrides what it may be asked. */
public class UnusedSource implements Source {
  @Override
  public void check(String publicationName, String applySlotName, int slotsNeeded, boolean atOnce) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void own(String applySlot, Continuity continuity) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void requireOwned() {}

  @Override
  public SourceFacts facts() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WalEnd endOfWal() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void reconnect() {}

  @Override
  public OpenTransactions openTransactions(String slot) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName, Collection<TableId> ids) {
    throw new UnsupportedOperationException();
  }

  @Override
  public PublishedTable publishedTable(String publicationName, TableId id, TableName name) {
    throw new UnsupportedOperationException();
  }

  /** {@return none: they are estimates, and may be missing} */
  @Override
  public Map<TableId, TableSize> sizes(Collection<TableId> tables) {
    return Map.of();
  }

  @Override
  public void checkCondition(PublishedTable table, String condition) {
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
  public List<SlotRetention> retention(Collection<String> names) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> walHolders() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Lsn createSlot(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void dropSlot(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void useSlots(Set<String> names, String publicationName) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isSynchronousStandby() {
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
