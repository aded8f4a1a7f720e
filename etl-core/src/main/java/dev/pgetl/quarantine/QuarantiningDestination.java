package dev.pgetl.quarantine;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A destination around another one that decides what becomes of an event the other one refuses: a
 * {@link RefusalPolicy} for each table. Give it to the pipeline itself; transforms belong inside,
 * so the quarantine holds rows as the source sent them.
 *
 * <pre>{@code
 * QuarantiningDestination guarded =
 *     QuarantiningDestination.builder(destination, quarantine)
 *         .table(new TableName("public", "audit"), RefusalPolicy.QUARANTINE)
 *         .build();
 * Pipeline pipeline = Pipeline.create(config, store, guarded);
 * }</pre>
 *
 * <p>A refusal is an {@link EtlException} of kind {@code DESTINATION_REJECTED} or {@code
 * SOURCE_DATA} that names a table and is not to be retried, from a destination whose refused calls
 * have no effect ({@link Destination#refusesWholeCalls}, rule D21). Such a call is divided until
 * the event is found, so a transaction may be seen in parts around a refused event (D18). All other
 * failures are passed on, and everything if the other destination does not promise that.
 *
 * <p>With {@link RefusalPolicy#QUARANTINE} a refused change of a row is durable in the quarantine
 * when {@link #writeEvents} returns, and so before the pipeline's position moves. Later changes of
 * the same key follow it there; one that changes the key takes both keys along. In a table whose
 * rows have no key all changes follow. {@link #replay} gives them to the destination again. A
 * truncation of the table, and a new copy of it, remove what is in quarantine of it: they are
 * newer.
 *
 * <p><b>Threads.</b> Safe for concurrent use as far as the other destination is; {@link #status}
 * always. While nothing is in quarantine a call costs the read of one field.
 */
public final class QuarantiningDestination implements Destination {
  private final Destination target;
  private final Wards wards;
  private final Policies policies;
  private volatile @Nullable ReplayTurns turns;

  private QuarantiningDestination(Builder from) {
    target = from.target;
    wards = new Wards(from.quarantine, from.maxEventsPerTable);
    policies = new Policies(from.others, from.named, from.maxInRow);
  }

  /**
   * {@return a builder}
   *
   * @param target where events go
   * @param quarantine where refused ones go; closed with the destination
   */
  public static Builder builder(Destination target, Quarantine quarantine) {
    return new Builder(target, quarantine);
  }

  @Override
  public Optional<Destination> wrapped() {
    return Optional.of(target);
  }

  /**
   * {@return what is in quarantine, by the names of the tables} Empty until the pipeline has begun.
   */
  public List<QuarantineStatus> status() {
    return wards.status();
  }

  /**
   * Gives the events of a table that are in quarantine to the destination again, in order. Each
   * comes under a new key, which is greater than those of all events before and smaller than those
   * of all that follow, so a destination that skips known keys takes it; transaction id and commit
   * time are those of the source. What is refused again stays, with the later events of its key.
   *
   * <p>The pipeline waits until everything committed by now has been delivered, and replays between
   * two calls; the stream waits meanwhile. If the process dies, the next one completes what had
   * begun, under the same keys. If the call fails or runs out of time, it may be repeated.
   *
   * @param table a table that is {@code Ready}, by its present name
   * @param limit how long to wait for the turn
   * @return what has left the quarantine, and what has not
   * @throws IllegalArgumentException if the pipeline has no such table
   * @throws IllegalStateException if no pipeline is at work with this destination, the table is not
   *     {@code Ready}, another replay is in progress, or there was no turn in time
   * @throws EtlException if destination or quarantine fail; of kind {@code DESTINATION_REJECTED} if
   *     the table was altered since an event was refused: then only a resync helps
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  public ReplayResult replay(TableName table, Duration limit) throws InterruptedException {
    Objects.requireNonNull(table, "table");
    ReplayTurns now = turns;
    if (now == null) {
      throw new IllegalStateException(
          "replay of table " + table + " failed: no pipeline is at work with this destination");
    }
    return now.replay(table, limit, this::replay);
  }

  private @Nullable ReplayResult replay(TableSchema version, Lsn passed, Runnable still) {
    Ward ward = wards.find(version.id());
    if (ward == null) {
      return new ReplayResult(0, 0);
    }
    ward.replaying(true);
    try {
      return new ReplayRun(target, wards, ward, version, still).all(passed);
    } finally {
      ward.replaying(false);
    }
  }

  /**
   * Connects the destination with a pipeline at work. Called by the pipeline.
   *
   * @param pipeline gives replays their turn; null if none does any more
   */
  public void attach(@Nullable ReplayTurns pipeline) {
    turns = pipeline;
  }

  // ---- events ----

  @Override
  public WriteResult writeEvents(List<Event> events) {
    if (wards.any()) {
      Triage triage = new Triage(target, wards, policies);
      completeReplays(events);
      triage.deliver(events);
      return triage.result();
    }
    try {
      return target.writeEvents(events);
    } catch (EtlException e) {
      if (events.isEmpty() || !wards.isOpen() || !Triage.isRefusal(e, target)) {
        throw e;
      }
      Triage triage = new Triage(target, wards, policies);
      triage.isolate(List.copyOf(events), e);
      return triage.result();
    }
  }

  private void completeReplays(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.OfTable change) {
        completeReplay(change.table());
      } else if (event instanceof Event.Truncate truncate) {
        truncate.tables().forEach(this::completeReplay);
      }
    }
  }

  private void completeReplay(TableSchema version) {
    Ward ward = wards.find(version.id());
    if (ward != null && ward.hasMarked()) {
      new ReplayRun(target, wards, ward, version, () -> {}).complete();
    }
  }

  // ---- copies: they are newer than what is in quarantine ----

  @Override
  public void truncateTable(TableSchema table) {
    target.truncateTable(table);
    wards.clear(table.id());
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    target.truncateTable(last, next);
    wards.clear(next.id());
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    boolean begun = target.beginReplacement(last, next);
    if (begun) {
      wards.clear(next.id());
    }
    return begun;
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return target.continueReplacement(next);
  }

  /** A table whose rows are not copied is not truncated either; it begins again with this call. */
  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    if (wards.find(table.id()) != null) {
      wards.clear(table.id());
    }
    return target.writeTableRows(table, rows);
  }

  /** A range cannot be copied again beside events of unknown rows: the whole table is. */
  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return wards.find(table.id()) == null && target.removeRange(table, range);
  }

  @Override
  public void tableCopied(TableSchema table) {
    target.tableCopied(table);
  }

  // ---- the rest ----

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public void startup() {
    target.startup();
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    wards.epoch(epoch);
    target.beginEpoch(epoch);
  }

  /** Reads the quarantine: from here on this process owns the pipeline. */
  @Override
  public void tablesPublished(List<NamedTable> tables) {
    policies.published(tables);
    wards.open();
    target.tablesPublished(tables);
  }

  @Override
  public long wholeTransactionBytes() {
    return target.wholeTransactionBytes();
  }

  @Override
  public List<Finding> diagnose() {
    return target.diagnose();
  }

  @Override
  public boolean refusesWholeCalls() {
    return target.refusesWholeCalls();
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return target.lastApplied(table);
  }

  @Override
  public void flush() {
    target.flush();
  }

  @Override
  public void close() {
    try {
      target.close();
    } finally {
      wards.quarantine().close();
    }
  }

  /** Builds a {@link QuarantiningDestination}. Not thread-safe. */
  public static final class Builder {
    private final Destination target;
    private final Quarantine quarantine;
    private final Map<TableName, RefusalPolicy> named = new HashMap<>();
    private RefusalPolicy others = RefusalPolicy.STOP;
    private int maxInRow = 100;
    private int maxEventsPerTable = 10_000;

    private Builder(Destination target, Quarantine quarantine) {
      this.target = Objects.requireNonNull(target, "target");
      this.quarantine = Objects.requireNonNull(quarantine, "quarantine");
    }

    /**
     * Sets the policy of a table.
     *
     * @param table its name when the pipeline first sees it; it keeps the policy when it is
     *     renamed, until the pipeline is started again
     * @param policy what becomes of its refused events
     * @return this builder
     */
    public Builder table(TableName table, RefusalPolicy policy) {
      named.put(Objects.requireNonNull(table, "table"), Objects.requireNonNull(policy, "policy"));
      return this;
    }

    /**
     * Sets the policy of all other tables; default {@link RefusalPolicy#STOP}.
     *
     * @param policy what becomes of their refused events
     * @return this builder
     */
    public Builder otherTables(RefusalPolicy policy) {
      others = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Sets how many events of one table may be refused in a row, with none accepted between them;
     * default 100. One more stops the table: the destination then refuses everything, not single
     * rows.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxInRow(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("maxInRow must be positive, is " + value);
      }
      maxInRow = value;
      return this;
    }

    /**
     * Sets how many events of one table may be in quarantine; default 10,000. One more stops the
     * table.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxEventsPerTable(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("maxEventsPerTable must be positive, is " + value);
      }
      maxEventsPerTable = value;
      return this;
    }

    /** {@return the destination} */
    public QuarantiningDestination build() {
      return new QuarantiningDestination(this);
    }
  }
}
