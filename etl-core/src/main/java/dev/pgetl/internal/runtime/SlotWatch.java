package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SlotRetention;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.SlotStatus;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time at how much WAL the server still keeps for the apply slot, and warns
 * before it is lost. Owned by the timer's thread.
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
  private Danger danger = Danger.NONE;

  SlotWatch(PipelineContext context, ApplyWorker apply) {
    this.context = context;
    this.apply = apply;
  }

  /** Looks once; a failure is logged, the next look comes. */
  void refresh() {
    try {
      seen(context.source().retention(context.applySlot()).orElse(null));
    } catch (EtlException e) {
      apply.slotSeen(null);
      LOG.debug("the slot could not be seen", e);
    }
  }

  private void seen(@Nullable SlotRetention slot) {
    apply.slotSeen(slot == null ? null : status(slot));
    if (slot != null) {
      Danger before = danger;
      danger = dangerOf(slot);
      report(before, slot);
    }
  }

  private static SlotStatus status(SlotRetention slot) {
    return new SlotStatus(wal(slot), slot.safeBytes());
  }

  private static SlotStatus.Wal wal(SlotRetention slot) {
    return SlotStatus.Wal.valueOf(slot.walStatus().toUpperCase(Locale.ROOT));
  }

  private static Danger dangerOf(SlotRetention slot) {
    return switch (wal(slot)) {
      case UNRESERVED, LOST -> Danger.NOTHING_LEFT;
      case RESERVED, EXTENDED ->
          isLittle(slot.safeBytes(), slot.limitBytes()) ? Danger.LITTLE_LEFT : Danger.NONE;
    };
  }

  private static boolean isLittle(OptionalLong safe, OptionalLong limit) {
    return limit.isPresent() && safe.orElse(0) < limit.getAsLong() / 4;
  }

  private void report(Danger before, SlotRetention slot) {
    if (danger.compareTo(before) > 0) {
      LOG.warn(
          "replication slot {} is about to be lost (wal_status {}): the server may write {} more"
              + " bytes of WAL, of max_slot_wal_keep_size {}. Speed up the destination, or raise"
              + " the setting",
          context.applySlot(),
          slot.walStatus(),
          slot.safeBytes().orElse(0),
          slot.limitBytes().orElse(0));
    } else if (danger == Danger.NONE && before != Danger.NONE) {
      LOG.info("replication slot {} is safe again", context.applySlot());
    }
  }
}
