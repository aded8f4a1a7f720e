package dev.pgetl.internal.capture;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
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

/**
 * What the runtime asks of the source database. Opens connections on demand.
 *
 * <p>Thread-safe. Every method fails with an {@link EtlException} only, in bounded time.
 */
public interface Source extends AutoCloseable {
  /**
   * Checks everything a pipeline needs of the source. What may go wrong later is logged as a
   * warning.
   *
   * @param publicationName the publication
   * @param applySlotName the slot of the apply worker
   * @param slotsNeeded how many slots and WAL senders the pipeline will use besides those it holds
   * @param atOnce whether all of them have to be free; otherwise those for the first step
   * @throws EtlException one, naming everything that is wrong and the SQL that fixes it
   */
  void check(String publicationName, String applySlotName, int slotsNeeded, boolean atOnce);

  /**
   * Makes this process the only one that acts for the pipeline. Comes before the first act: until
   * then no slot is touched and nothing is copied.
   *
   * @param applySlot the slot that shows whether another process has acted, should all connections
   *     be lost
   * @param continuity fails if one has, or if the server is not in the state in which it was left
   * @throws EtlException of kind {@link ErrorKind#SLOT_IN_USE} if another process acts, and does
   *     not end within the time the server may need to notice that it has
   */
  void own(String applySlot, Continuity continuity);

  /** Compares what is remembered with the server, on the first connection after all were lost. */
  @FunctionalInterface
  interface Continuity {
    /**
     * Compares.
     *
     * @param slot the slot of the apply worker; empty if there is none
     * @param facts of the server; empty if it is a standby
     * @throws EtlException if this process cannot continue
     */
    void require(Optional<SlotState> slot, Optional<SourceFacts> facts);
  }

  /**
   * Proves that this process is still the only one that acts, if all its connections were lost.
   *
   * @throws EtlException of kind {@link ErrorKind#SLOT_IN_USE} if another one is; if the server
   *     cannot be asked, what connecting to it fails with
   */
  void requireOwned();

  /**
   * {@return for how long the server has owed an answer on any connection, or a sign of life that a
   * stream asked for; 0 if it owes none} A stream that is read asks after a silence of half the
   * time that a silence may last.
   */
  default long unansweredNanos() {
    return 0;
  }

  /** {@return what server this is; asked again each time} */
  SourceFacts facts();

  /** {@return the end of what is flushed of the server's log; asked again each time} */
  WalEnd endOfWal();

  /** Has the next question go to the server that the address leads to by then. */
  void reconnect();

  /**
   * {@return which transactions are open; asked again each time}
   *
   * @param slot a slot that is read
   */
  OpenTransactions openTransactions(String slot);

  /**
   * {@return the tables of a publication}
   *
   * @param publicationName the publication
   * @throws EtlException of kind {@link ErrorKind#PUBLICATION_MISSING} if there is none
   */
  List<PublishedTable> publishedTables(String publicationName);

  /**
   * {@return a table as a publication publishes it now}
   *
   * @param publicationName the publication
   * @param id the table
   * @param name what it is called, for the message of a failure
   * @throws EtlException if it is not published any more; of kind {@link
   *     ErrorKind#PUBLICATION_MISSING} if there is no such publication
   */
  PublishedTable publishedTable(String publicationName, TableId id, TableName name);

  /**
   * {@return those of some tables that a publication publishes now, as it does}
   *
   * @param publicationName the publication
   * @param ids the tables
   * @throws EtlException of kind {@link ErrorKind#PUBLICATION_MISSING} if there is none
   */
  List<PublishedTable> publishedTables(String publicationName, Collection<TableId> ids);

  /**
   * {@return how large tables are, those whose size is known} Waits for no lock on any of them.
   *
   * @param tables the tables
   */
  Map<TableId, TableSize> sizes(Collection<TableId> tables);

  /**
   * Has the server check a configuration's condition on the rows of a table, without reading any. A
   * table that is locked, or that this role may not read, is left to its copy, which checks again.
   *
   * @param table the table
   * @param condition the condition, as SQL
   * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if it is refused
   */
  void checkCondition(PublishedTable table, String condition);

  /** {@return types, and what the catalogue knows about tables} */
  Catalog catalog();

  /** {@return the logical slots of this database} */
  List<SlotState> slots();

  /**
   * {@return a slot, if there is one of that name}
   *
   * @param name the slot
   */
  Optional<SlotState> slot(String name);

  /**
   * {@return how much WAL is kept for slots, those that exist}
   *
   * @param names the slots
   */
  List<SlotRetention> retention(Collection<String> names);

  /** {@return what on the server keeps slots where they are, each as part of a sentence} */
  List<String> walHolders();

  /**
   * Creates a slot without a snapshot.
   *
   * @param name the slot
   * @return its first position
   */
  Lsn createSlot(String name);

  /**
   * Drops a slot, after ending a stream of this source that may still hold it. Does nothing if
   * there is none.
   *
   * @param name the slot
   */
  void dropSlot(String name);

  /**
   * Uses slots for a moment that are not read from now: a server may invalidate a slot that is
   * unused for long ({@code idle_replication_slot_timeout}, from Postgres 18 on). Nothing is
   * confirmed.
   *
   * @param names the slots
   * @param publicationName the publication they are read for
   */
  void useSlots(Set<String> names, String publicationName);

  /**
   * {@return whether the server takes a stream of this source for a synchronous standby, so that
   * commits wait until it has confirmed them}
   */
  boolean isSynchronousStandby();

  /**
   * Ends the server process that still holds a slot for a stream of this source: one that was cut
   * off. Does nothing if the slot is free or held by another client.
   *
   * @param name the slot
   */
  void releaseSlot(String name);

  /**
   * {@return how far the server's WAL is on disk; {@link Lsn#ZERO} if it cannot be asked now}
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_UNAVAILABLE} if the server is being shut
   *     down: it waits for its senders, and they for us
   */
  Lsn probe();

  /**
   * Opens a connection for replication commands.
   *
   * @param role what it is for, part of its application name
   * @return the connection
   */
  ReplicationConnection openReplication(String role);

  /**
   * Cuts every connection that is still open, those of streams and copies too, and opens no more.
   * What runs on them fails. Idempotent.
   */
  @Override
  void close();
}
