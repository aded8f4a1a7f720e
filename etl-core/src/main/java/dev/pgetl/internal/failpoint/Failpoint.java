package dev.pgetl.internal.failpoint;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A place in the engine at which a test can step in. Unused, it costs the read of one field. */
public enum Failpoint {
  /** The main slot is about to be created. */
  BEFORE_APPLY_SLOT_CREATED,
  /** The main slot exists, the store does not know it yet. */
  AFTER_APPLY_SLOT_CREATED,
  /** The destination is about to be told to empty a table. */
  BEFORE_TRUNCATE,
  /** The table is empty, the store does not know that its copy begins. */
  AFTER_TRUNCATE,
  /** The store knows that the copy begins; a table's own slot is about to be created. */
  BEFORE_SYNC_SLOT_CREATED,
  /** A table's own slot exists; its snapshot is about to be seen by those that read the rows. */
  BEFORE_SNAPSHOT_IMPORTED,
  /** A table's own slot exists, the store does not know its position yet. */
  AFTER_SYNC_SLOT_CREATED,
  /** Rows of a copy are about to be written. */
  BEFORE_ROWS_WRITTEN,
  /** Rows of a copy have been written. */
  AFTER_ROWS_WRITTEN,
  /** All rows are durable; the store is about to be told. */
  BEFORE_FINISHED_COPY,
  /** The store knows that the copy is complete. */
  AFTER_FINISHED_COPY,
  /** A stream is about to be opened. */
  BEFORE_STREAM_OPENED,
  /** A batch of events is about to be written. */
  BEFORE_EVENTS_WRITTEN,
  /** A batch of events has been written. */
  AFTER_EVENTS_WRITTEN,
  /** Progress is about to be stored. */
  BEFORE_PROGRESS_STORED,
  /** Progress has been stored, the server does not know it yet. */
  AFTER_PROGRESS_STORED,
  /** The server is about to be told the position at the end of a stream. */
  BEFORE_FINAL_STATUS,
  /** The server has been told the position at the end of a stream. */
  AFTER_FINAL_STATUS,
  /** A table has caught up; the store is about to be told. */
  BEFORE_SYNC_DONE,
  /** The store knows that a table has caught up; its slot is still there. */
  AFTER_SYNC_DONE,
  /** A table's own slot has been dropped. */
  AFTER_SYNC_SLOT_DROPPED,
  /** The store is about to be told that a table is carried by the main stream. */
  BEFORE_READY,
  /** The store knows that a table is carried by the main stream. */
  AFTER_READY;

  private static volatile @Nullable Consumer<Failpoint> handler;

  /**
   * Installs what happens at the failpoints of this JVM.
   *
   * @param newHandler may throw, block or halt; null for nothing
   */
  public static void install(@Nullable Consumer<Failpoint> newHandler) {
    handler = newHandler;
  }

  /** The engine is here. */
  public void reached() {
    Consumer<Failpoint> installed = handler;
    if (installed != null) {
      installed.accept(this);
    }
  }
}
