package dev.pgetl.internal.runtime.retain;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SlotRetention;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what keeps a slot of the pipeline where it is. Owned by the timer's thread. */
public final class WalHolders {
  private static final Logger LOG = LoggerFactory.getLogger(WalHolders.class);
  private static final String NOT_KNOWN = "a cause that is not known";

  /** As much as a server sends in a moment. */
  private static final long MOMENT_BYTES = 1 << 20;

  private final PipelineContext context;
  private final Tables tables;
  private final Supplier<StreamStatus> stream;
  private final Supplier<@Nullable Instant> pausedSince;

  /**
   * Creates it.
   *
   * @param stream the apply worker's status
   * @param pausedSince since when the pipeline is paused; null if it is not
   */
  public WalHolders(
      PipelineContext context,
      Tables tables,
      Supplier<StreamStatus> stream,
      Supplier<@Nullable Instant> pausedSince) {
    this.context = context;
    this.tables = tables;
    this.stream = stream;
    this.pausedSince = pausedSince;
  }

  /** {@return what holds a slot, each as part of a sentence; at least one} */
  public List<String> of(SlotRetention slot) {
    List<String> found = new ArrayList<>();
    Instant paused = pausedSince.get();
    if (paused != null) {
      found.add("the pipeline, which is paused since " + paused);
    } else if (!slot.slotName().equals(context.applySlot())) {
      tables.all().stream()
          .filter(table -> slot.slotName().equals(context.syncSlotPrefix() + table.id()))
          .forEach(table -> found.add(ofTable(table)));
    } else if (!slot.isMostlyConfirmed()) {
      addStream(found, stream.get());
    }
    if (found.isEmpty()) {
      found.addAll(onTheServer());
    }
    return found.isEmpty() ? List.of(NOT_KNOWN) : found;
  }

  private static String ofTable(Table table) {
    TableReplicationPhase phase = table.phase();
    if (phase instanceof Errored errored) {
      return "table " + table.name() + ", which has failed: " + errored.reason();
    } else if (phase instanceof Paused paused) {
      return "table " + table.name() + ", which is paused since " + paused.since();
    }
    return "the copy of table " + table.name();
  }

  private void addStream(List<String> found, StreamStatus now) {
    Lsn flushed = now.flushedLsn();
    FailureStatus failure = now.failure().orElse(null);
    if (failure != null) {
      found.add("a failure since " + failure.since() + ": " + failure.message());
    } else if (!now.connected()) {
      found.add("the stream, which is not connected");
    } else if (now.receivedLsn().bytesSince(flushed) > MOMENT_BYTES) {
      found.add("the destination, which has not made durable what was read after " + flushed);
    }
  }

  private List<String> onTheServer() {
    try {
      return context.source().walHolders();
    } catch (EtlException e) {
      LOG.debug("what keeps WAL could not be seen", e);
      return List.of();
    }
  }
}
