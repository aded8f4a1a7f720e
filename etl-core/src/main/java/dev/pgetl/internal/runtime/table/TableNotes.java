package dev.pgetl.internal.runtime.table;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.runtime.stream.Departure;
import dev.pgetl.internal.runtime.tally.TableTally;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.SchemaChange;
import dev.pgetl.schema.TableSchema;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline knows of a table beside its phase. Thread-safe: readers see each note as it was
 * written last.
 */
public final class TableNotes {
  /**
   * Why the table has a sync worker for itself.
   *
   * @param alone whether it is not copied together with others
   * @param last whether others come first
   * @param slot the table's own slot as it was seen last; null if there is none
   * @param again the range that is to be copied again; null for none
   */
  private record OwnWorker(
      boolean alone, boolean last, @Nullable SlotStatus slot, @Nullable KeyRange again) {
    static final OwnWorker NONE = new OwnWorker(false, false, null, null);
  }

  private final AtomicReference<@Nullable TableSchema> answered = new AtomicReference<>();
  private final AtomicReference<@Nullable TableSchema> known = new AtomicReference<>();
  private final CopyNotes copy = new CopyNotes();
  private final TableTally events = new TableTally();
  private volatile @Nullable Departure departure;
  private volatile @Nullable RowScope scope;
  private volatile @Nullable String difference;
  private volatile @Nullable String shape;
  private final AtomicReference<OwnWorker> own = new AtomicReference<>(OwnWorker.NONE);

  TableStatus.Builder addTo(TableStatus.Builder status) {
    return copy.addTo(status).events(events.counts()).slot(own().slot()).difference(difference);
  }

  /** {@return the last version that the destination has answered to this process, if any} */
  public @Nullable TableSchema answered() {
    return answered.get();
  }

  /** The destination has taken rows of a version. */
  public void answered(TableSchema version) {
    answered.set(version);
  }

  /** The destination has taken the announcement of a version. */
  public void announced(TableSchema version, PipelineListener listener) {
    TableSchema last = answered.getAndSet(version);
    report(last == null ? known.get() : last, version, listener);
  }

  /**
   * The destination was prepared for the rows of a version.
   *
   * @param last the version that it had; null if none is known
   */
  public void prepared(@Nullable TableSchema last, TableSchema version, PipelineListener listener) {
    answered.set(version);
    report(last, version, listener);
  }

  /** The destination had a version when this process met the table, as the store says. */
  public void known(TableSchema version) {
    boolean unused = known.compareAndSet(null, version);
  }

  private static void report(
      @Nullable TableSchema before, TableSchema after, PipelineListener listener) {
    if (before != null) {
      SchemaChange change = new SchemaChange(before, after);
      if (!change.isEmpty()) {
        listener.onSchemaChanged(change);
      }
    }
  }

  /** {@return how large the table is, and how much of it has been copied} */
  public CopyNotes copy() {
    return copy;
  }

  /** {@return where its events are counted} */
  public TableTally events() {
    return events;
  }

  /** A copy begins: what the table differed in before is over. */
  public void copyBegins(TableSchema version, long estimatedRows) {
    scope = version.scope().orElse(null);
    difference = null;
    copy.begins(estimatedRows);
  }

  private OwnWorker own() {
    return Objects.requireNonNull(own.get());
  }

  private OwnWorker own(UnaryOperator<OwnWorker> change) {
    return Objects.requireNonNull(own.getAndUpdate(change));
  }

  /** The table's own slot was seen; null if there is none. */
  public void slot(@Nullable SlotStatus seen) {
    OwnWorker unused = own(now -> new OwnWorker(now.alone, now.last, seen, now.again));
  }

  /** The table is not copied together with others: it is large, or special in some way. */
  public void copyAlone() {
    OwnWorker unused = own(now -> new OwnWorker(true, now.last, now.slot, now.again));
  }

  /** The table fails where others do not: it is copied alone, and they come first. */
  public void copyLast() {
    OwnWorker unused = own(now -> new OwnWorker(true, true, now.slot, now.again));
  }

  /** The table has been copied, and comes as early as others if it is copied again. */
  void hasCopied() {
    OwnWorker unused = own(now -> new OwnWorker(now.alone, false, now.slot, now.again));
  }

  /** {@return whether other tables are copied first} */
  public boolean isCopiedLast() {
    return own().last();
  }

  /** {@return whether it has a sync worker for itself} */
  public boolean isCopiedAlone() {
    return own().alone();
  }

  /** {@return the range that is to be copied again; null for none} */
  public @Nullable KeyRange rangeAgain() {
    return own().again();
  }

  /** A range is to be copied again; {@code false} if another one is. */
  public boolean wantsRangeAgain(KeyRange range) {
    OwnWorker before =
        own(now -> now.again == null ? new OwnWorker(true, now.last, now.slot, range) : now);
    return before.again() == null;
  }

  /** No range is to be copied again. */
  public void noRangeAgain() {
    OwnWorker unused = own(now -> new OwnWorker(now.alone, now.last, now.slot, null));
  }

  /** {@return the shape of the columns that was compared last; null if none was} */
  public @Nullable String shape() {
    return shape;
  }

  /** The columns of the catalogue have been compared with what was delivered. */
  public void shape(String compared) {
    shape = compared;
  }

  /** {@return how the table leaves the publication; null if it does not} */
  public @Nullable Departure departure() {
    return departure;
  }

  /** The table has left the publication, or has come back if it is null. */
  public void departure(@Nullable Departure now) {
    departure = now;
  }

  /** {@return which of its rows were published when last looked at; null if that was never} */
  public @Nullable RowScope scope() {
    return scope;
  }

  /** Remembers for the next look which of its rows are published. */
  public void scope(RowScope now) {
    scope = now;
  }

  /** The destination may differ from the source; {@code false} if that was known. */
  boolean differs(String reason) {
    boolean isNew = !reason.equals(difference);
    difference = reason;
    return isNew;
  }
}
