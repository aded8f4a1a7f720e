package dev.pgetl.internal.capture;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Optional;

/**
 * The source database: opens connections on demand, all with the same pinned session settings.
 * Thread-safe.
 */
public final class SourceDatabase implements AutoCloseable {
  public SourceDatabase(PgConnectionConfig config, String pipelineId) {
    throw new UnsupportedOperationException();
  }

  public SourceFacts check(String publicationName, String applySlotName, int slotsNeeded) {
    throw new UnsupportedOperationException();
  }

  public SourceFacts facts() {
    throw new UnsupportedOperationException();
  }

  public List<PublishedTable> publishedTables(String publicationName) {
    throw new UnsupportedOperationException();
  }

  public Optional<SlotState> slot(String name) {
    throw new UnsupportedOperationException();
  }

  public List<SlotState> slots() {
    throw new UnsupportedOperationException();
  }

  public void dropSlot(String name) {
    throw new UnsupportedOperationException();
  }

  public void releaseSlot(String name) {
    throw new UnsupportedOperationException();
  }

  public Lsn createSlot(String name) {
    throw new UnsupportedOperationException();
  }

  public WalStream openStream(String slotName, String publicationName, Lsn from, String role) {
    throw new UnsupportedOperationException();
  }

  public TableCatalog catalog() {
    throw new UnsupportedOperationException();
  }

  public boolean isShuttingDown() {
    throw new UnsupportedOperationException();
  }

  /** Closes the connection kept for catalogue queries. Streams and copies are not touched. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
