package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much WAL the server keeps for a slot.
 *
 * @param walStatus as {@code pg_replication_slots.wal_status}
 * @param safeBytes what can be written before the slot is in danger; empty if there is no limit, or
 *     the slot is lost
 * @param limitBytes {@code max_slot_wal_keep_size}; empty if there is no limit
 */
public record SlotRetention(String walStatus, OptionalLong safeBytes, OptionalLong limitBytes) {
  private static final String QUERY =
      """
      SELECT wal_status, coalesce(safe_wal_size, -1), setting::bigint
      FROM pg_replication_slots, pg_settings
      WHERE slot_name = ? AND database = current_database() AND wal_status IS NOT NULL
        AND name = 'max_slot_wal_keep_size'""";

  static Optional<SlotRetention> of(ControlSession control, String slot) {
    return control.call(
        "look at what is kept for slot " + slot,
        c -> Sql.first(c, QUERY, SlotRetention::read, slot));
  }

  private static SlotRetention read(ResultSet row) throws SQLException {
    long megabytes = row.getLong(3);
    return new SlotRetention(
        row.getString(1),
        known(row.getLong(2)),
        known(megabytes < 0 ? megabytes : megabytes << 20));
  }

  /** Less than nothing can be written for a slot that is in danger already. */
  private static OptionalLong known(long bytes) {
    return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }
}
