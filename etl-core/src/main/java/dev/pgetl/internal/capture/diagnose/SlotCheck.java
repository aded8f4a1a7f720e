package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.SlotCatalog;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Slots of this pipeline that are lost or will be, and slots that no pipeline reads. */
final class SlotCheck implements Check {
  /** The same part that a running pipeline warns of. */
  private static final int QUARTER = 4;

  private static final String SLOTS =
      """
      SELECT s.slot_name, coalesce(s.slot_type = 'logical' AND s.database = current_database(), false), s.active,
        coalesce(s.safe_wal_size, -1) >> 20, (pg_wal_lsn_diff(%s, s.restart_lsn) / 1048576)::bigint,
        (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
        coalesce(s.wal_status, '')
      FROM pg_replication_slots s WHERE starts_with(s.slot_name, 'pgetl_') ORDER BY 1"""
          .formatted(StandbySource.END_OF_WAL);

  private static final String TABLE = "SELECT true FROM pg_class WHERE oid = ?::oid";

  /** One row of {@link #SLOTS}; sizes in MiB, below 0 if there is no limit. */
  private record Slot(
      String name,
      boolean here,
      boolean active,
      long safe,
      long retained,
      long keep,
      String status) {
    static Slot read(ResultSet row) throws SQLException {
      return new Slot(
          row.getString(1),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getLong(4),
          row.getLong(5),
          row.getLong(6),
          row.getString(7));
    }

    String drop() {
      return "SELECT pg_drop_replication_slot('" + name + "')";
    }

    boolean nearLoss() {
      return keep > 0
          && (status.equals("unreserved") || status.equals("lost") || safe < keep / QUARTER);
    }
  }

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    List<Slot> slots = Sql.list(source.connection(), SLOTS, Slot::read);
    Set<String> running =
        slots.stream()
            .filter(Slot::active)
            .map(slot -> SlotNames.pipeline(slot.name()))
            .collect(Collectors.toSet());
    for (Slot slot : slots) {
      String pipeline = SlotNames.pipeline(slot.name());
      if (source.slots().own(slot.name())) {
        own(source, slot, found);
      } else if (slot.here() && !pipeline.isEmpty() && !running.contains(pipeline)) {
        found.accept(
            orphan(
                slot,
                "it is pipeline " + pipeline + "'s, which does not run",
                "If that is gone for good"));
      }
    }
  }

  private static void own(Examined source, Slot slot, Consumer<Finding> found) throws SQLException {
    if (!slot.here()) {
      found.accept(
          taken(slot, "replication slot " + slot.name() + " is physical, or another database's"));
      return;
    }
    SlotState state = SlotCatalog.find(source.connection(), slot.name()).orElse(null);
    if (state == null) {
      return; // it has gone meanwhile
    }
    if (!state.isOurs()) {
      found.accept(taken(slot, notOurs(state)));
    } else if (state.lost()) {
      found.accept(lost(slot, state));
    } else if (slot.nearLoss()) {
      found.accept(nearLoss(slot));
    }
    orphanOfTable(source, slot, found);
  }

  private static String notOurs(SlotState state) {
    try {
      return state.requireOurs().name();
    } catch (EtlException e) {
      return e.summary();
    }
  }

  private static Finding taken(Slot slot, String problem) {
    return Finding.of(FindingCode.SLOT_NAME_TAKEN, problem)
        .fixedBy(
            "Give the pipeline another id, or, if no other program reads from the slot, drop it"
                + " (in its database)",
            slot.drop());
  }

  private static Finding lost(Slot slot, SlotState state) {
    EtlException lost = state.invalidated("read from slot " + slot.name(), null);
    return Finding.of(FindingCode.SLOT_LOST, lost.summary()).fixedBy(lost.fix(), slot.drop());
  }

  private static Finding nearLoss(Slot slot) {
    return Finding.of(
            FindingCode.SLOT_NEAR_LOSS,
            "replication slot %s keeps %d MB of log, and max_slot_wal_keep_size is %d MB: beyond it the slot is lost, and all is copied again"
                .formatted(slot.name(), slot.retained(), slot.keep()))
        .fixedBy(
            "If the disk has room, raise the limit, and find out why the pipeline is behind",
            "ALTER SYSTEM SET max_slot_wal_keep_size = '"
                + QUARTER * Math.max(slot.keep(), slot.retained())
                + "MB'",
            "SELECT pg_reload_conf()");
  }

  private static void orphanOfTable(Examined source, Slot slot, Consumer<Finding> found)
      throws SQLException {
    long table = SlotNames.table(slot.name());
    boolean gone =
        table > 0
            && !slot.active()
            && Sql.first(source.connection(), TABLE, row -> true, table).isEmpty();
    if (gone) {
      found.accept(
          orphan(slot, "it was made for the copy of a table that does not exist any more", ""));
    }
  }

  private static Finding orphan(Slot slot, String why, String advice) {
    return Finding.of(
            FindingCode.ORPHAN_SLOT,
            "replication slot %s keeps %d MB of log, and %s"
                .formatted(slot.name(), slot.retained(), why))
        .fixedBy(advice, slot.drop());
  }
}
