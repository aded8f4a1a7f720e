package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.internal.capture.SlotRetention;
import dev.pgetl.internal.runtime.retain.LossForecast;
import dev.pgetl.internal.runtime.retain.WalHolders;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.SlotStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time at how much WAL the server still keeps for the slots of the pipeline, and
 * warns before one is lost. Owned by the timer's thread.
 */
final class SlotWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);

  /** How near the slot is to being lost; each is nearer than the one before. */
  private enum Danger {
    NONE,
    LITTLE_LEFT,
    NOTHING_LEFT
  }

  private final PipelineContext context;
  private final ApplyWorker apply;
  private final Tables tables;
  private final WalHolders holders;
  private final LossForecast forecast;
  private final Map<String, Danger> dangers = new HashMap<>();

  SlotWatch(
      PipelineContext context,
      ApplyWorker apply,
      Tables tables,
      Supplier<@Nullable Instant> pausedSince) {
    this.context = context;
    this.apply = apply;
    this.tables = tables;
    this.holders = new WalHolders(context, tables, apply::status, pausedSince);
    this.forecast = new LossForecast(context.platform());
  }

  /** {@return when the first of the slots is lost; any thread may ask} */
  WalForecast forecast() {
    return forecast.present();
  }

  /** Looks once; a failure is logged, the next look comes. */
  void refresh() {
    List<Table> syncing =
        tables.all().stream().filter(table -> table.life().mayHaveSlot()).toList();
    List<String> names = new ArrayList<>(syncing.stream().map(this::slot).toList());
    names.add(context.applySlot());
    Map<String, SlotRetention> seen = retention(names);
    if (seen.isEmpty()) {
      forecast.unseen();
    } else {
      forecast.seen(seen.values(), holders::of);
    }
    SlotRetention applied = seen.get(context.applySlot());
    apply.slotSeen(applied == null ? null : status(applied));
    for (Table table : tables.all()) {
      SlotRetention own = seen.get(slot(table));
      table.notes().slot(own == null ? null : status(own));
    }
    dangers.keySet().retainAll(names);
    seen.values().forEach(this::compare);
  }

  private String slot(Table table) {
    return context.syncSlotPrefix() + table.id();
  }

  private Map<String, SlotRetention> retention(List<String> names) {
    try {
      return context.source().retention(names).stream()
          .collect(Collectors.toMap(SlotRetention::slotName, Function.identity()));
    } catch (EtlException e) {
      LOG.debug("the slots could not be seen", e);
      return Map.of();
    }
  }

  private void compare(SlotRetention slot) {
    Danger now = dangerOf(slot);
    Danger before = dangers.put(slot.slotName(), now);
    report(before == null ? Danger.NONE : before, now, slot);
  }

  private static SlotStatus status(SlotRetention slot) {
    return new SlotStatus(SlotStatus.Wal.of(slot.walStatus()), slot.heldBytes(), slot.safeBytes());
  }

  private static Danger dangerOf(SlotRetention slot) {
    return switch (SlotStatus.Wal.of(slot.walStatus())) {
      case UNRESERVED, LOST -> Danger.NOTHING_LEFT;
      case RESERVED, EXTENDED, UNKNOWN ->
          isLittle(slot.safeBytes(), slot.limitBytes()) ? Danger.LITTLE_LEFT : Danger.NONE;
    };
  }

  private static boolean isLittle(OptionalLong safe, OptionalLong limit) {
    return limit.isPresent() && safe.orElse(0) < limit.getAsLong() / 4;
  }

  private static void report(Danger before, Danger danger, SlotRetention slot) {
    if (danger.compareTo(before) > 0) {
      LOG.warn(
          "replication slot {} is about to be lost (wal_status {}): the server may write {} more"
              + " bytes of WAL, of max_slot_wal_keep_size {}. Speed up the destination, or raise"
              + " the setting",
          slot.slotName(),
          slot.walStatus(),
          slot.safeBytes().orElse(0),
          slot.limitBytes().orElse(0));
    } else if (danger == Danger.NONE && before != Danger.NONE) {
      LOG.info("replication slot {} is safe again", slot.slotName());
    }
  }
}
