package dev.pgetl.internal.sim.server;

import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;

/** Receives what a history is judged or counted by, exactly when it happens. */
public interface Encounters {
  /**
   * The server has been set back.
   *
   * @param end the end of its WAL now
   * @param sent how far it had sent changes, rows and keepalives
   */
  void setBack(long end, long sent);

  /** A client asked what server this is, and got the end of its WAL. */
  void identified(Lsn end);

  /** A stream is read that began behind where its slot still sends everything. */
  void readBehindSlot(String slot);

  /** A transaction is sent again with more or fewer changes than before. */
  void ordinalsMoved(long commitLsn);

  /** A table leaves a publication, or has left it, when the server is at a position. */
  void left(TableId id, Lsn end);

  /** A process has dropped a slot, while another one holds the main slot of the pipeline. */
  void foreignAct(String what);

  /** A connection begins to read what an interrupted copy has left, under another snapshot. */
  void copyContinues(TableId id);
}
