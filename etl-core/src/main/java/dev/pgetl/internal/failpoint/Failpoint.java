package dev.pgetl.internal.failpoint;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A place in the engine at which a test can step in. Unused, it costs the read of one field. */
public enum Failpoint {
  /** The slot of the apply worker is about to be created. */
  BEFORE_APPLY_SLOT_CREATED,
  /** The slot of the apply worker exists, the store does not know it yet. */
  AFTER_APPLY_SLOT_CREATED,
  /** The destination is about to empty a table, or to keep what replaces its rows aside. */
  BEFORE_TRUNCATE,
  /** The table is empty or about to be replaced, the store does not know that its copy begins. */
  AFTER_TRUNCATE,
  /**
   * The store knows that the copy begins; the slot of the table sync worker is about to be created.
   */
  BEFORE_SYNC_SLOT_CREATED,
  /**
   * The slot of a table sync worker exists; the copy connections are about to import its snapshot.
   */
  BEFORE_SNAPSHOT_IMPORTED,
  /** The slot of a table sync worker exists, the store does not know its position yet. */
  AFTER_SYNC_SLOT_CREATED,
  /** Rows of a copy are about to be written. */
  BEFORE_ROWS_WRITTEN,
  /** Rows of a copy have been written. */
  AFTER_ROWS_WRITTEN,
  /** A range of a copy is about to be removed, so that it can be copied again. */
  BEFORE_RANGE_REMOVED,
  /** The destination has removed a range of a copy, or has answered that it does not. */
  AFTER_RANGE_REMOVED,
  /** All rows of a range are durable; the store does not know it yet. */
  BEFORE_RANGE_FINISHED,
  /** The store knows that a range is finished. */
  AFTER_RANGE_FINISHED,
  /** All rows are durable; the destination does not know that the copy is complete. */
  BEFORE_TABLE_COPIED,
  /** The destination knows that the copy is complete; the store does not. */
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
  /** The last status of the apply worker is about to be sent. */
  BEFORE_FINAL_STATUS,
  /** The last status of the apply worker has been sent. */
  AFTER_FINAL_STATUS,
  /** A table sync worker has caught up; {@code SyncDone} is about to be stored. */
  BEFORE_SYNC_DONE,
  /** {@code SyncDone} is stored; the slot of the table sync worker still exists. */
  AFTER_SYNC_DONE,
  /** The slot of a table sync worker has been dropped. */
  AFTER_SYNC_SLOT_DROPPED,
  /** {@code Ready} is about to be stored: the apply worker owns a table. */
  BEFORE_READY,
  /** {@code Ready} is stored. */
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
