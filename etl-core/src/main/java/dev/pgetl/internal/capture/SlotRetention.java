package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much WAL the server keeps for a slot.
 *
 * @param slotName the slot
 * @param heldBytes how much that is; 0 if the slot is lost
 * @param walStatus as {@code pg_replication_slots.wal_status}
 * @param safeBytes what can be written before the slot is in danger; empty if there is no limit, or
 *     the slot is lost
 * @param limitBytes {@code max_slot_wal_keep_size}; empty if there is no limit
 */
public record SlotRetention(
    String slotName,
    long heldBytes,
    String walStatus,
    OptionalLong safeBytes,
    OptionalLong limitBytes) {
  private static final String QUERY =
      """
      SELECT wal_status, coalesce(safe_wal_size, -1), setting::bigint, slot_name,
        greatest(0, coalesce(pg_wal_lsn_diff(%s, restart_lsn), 0))::bigint
      FROM pg_replication_slots, pg_settings
      WHERE slot_name = ANY (?::text[]) AND database = current_database() AND wal_status IS NOT NULL
        AND name = 'max_slot_wal_keep_size'"""
          .formatted(StandbySource.END_OF_WAL);

  /** {@return those of some slots that exist} */
  static List<SlotRetention> of(ControlSession control, Collection<String> slots) {
    String names = String.join(",", slots); // names have no other characters than a-z, 0-9 and _
    return control.call(
        "look at what is kept for " + slots.size() + " slots",
        c -> Sql.list(c, QUERY, SlotRetention::read, "{" + names + "}"));
  }

  private static SlotRetention read(ResultSet row) throws SQLException {
    long megabytes = row.getLong(3);
    return new SlotRetention(
        row.getString(4),
        row.getLong(5),
        row.getString(1),
        known(row.getLong(2)),
        known(megabytes < 0 ? megabytes : megabytes << 20));
  }

  /** Less than nothing can be written for a slot that is in danger already. */
  private static OptionalLong known(long bytes) {
    return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }
}
