package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.wal.Lsn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much WAL the server keeps for a slot.
 *
 * @param slotName the slot
 * @param restartLsn the oldest WAL that it needs; the end of the WAL if it is lost
 * @param confirmedLsn the position that its stream has confirmed
 * @param walLsn the end of the WAL
 * @param walStatus as {@code pg_replication_slots.wal_status}
 * @param safeBytes what can be written before the slot is in danger; empty if there is no limit, or
 *     the slot is lost
 * @param limitBytes {@code max_slot_wal_keep_size}; empty if there is no limit
 */
public record SlotRetention(
    String slotName,
    Lsn restartLsn,
    Lsn confirmedLsn,
    Lsn walLsn,
    String walStatus,
    OptionalLong safeBytes,
    OptionalLong limitBytes) {
  private static final String QUERY =
      """
      SELECT wal_status, coalesce(safe_wal_size, -1), setting::bigint, slot_name,
        coalesce(restart_lsn, wal), wal, coalesce(confirmed_flush_lsn, restart_lsn, wal)
      FROM pg_replication_slots, pg_settings, (SELECT %s AS wal OFFSET 0) w
      WHERE slot_name = ANY (?::text[]) AND database = current_database() AND wal_status IS NOT NULL
        AND name = 'max_slot_wal_keep_size'"""
          .formatted(StandbySource.END_OF_WAL);

  /**
   * What keeps slots although their streams have confirmed more, or are sent nothing: transactions
   * that write, in any database, and standbys that the server waits for.
   */
  private static final String HOLDERS =
      """
      (SELECT format('an open transaction: pid %s "%s" in database "%s" since %s', pid, application_name, datname, date_trunc('second', xact_start))
      FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 1)
      UNION ALL
      (SELECT format('the prepared transaction "%s" in database "%s" since %s', gid, database, date_trunc('second', prepared))
      FROM pg_prepared_xacts ORDER BY prepared LIMIT 1)
      UNION ALL
      (SELECT format('the standby of slot "%s", which is in synchronized_standby_slots and not connected', standby)
      FROM unnest(string_to_array(replace(current_setting('synchronized_standby_slots', true), ' ', ''), ',')) standby
      WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.slot_name = standby AND s.active) LIMIT 1)""";

  /** {@return those of some slots that exist} */
  static List<SlotRetention> of(ControlSession control, Collection<String> slots) {
    String names = String.join(",", slots); // names have no other characters than a-z, 0-9 and _
    return control.call(
        "look at what is kept for " + slots.size() + " slots",
        c -> Sql.list(c, QUERY, SlotRetention::read, "{" + names + "}"));
  }

  /** {@return what on the server keeps slots, each as part of a sentence} */
  static List<String> holders(ControlSession control) {
    return control.call(
        "look at what keeps WAL", c -> Sql.list(c, HOLDERS, row -> row.getString(1)));
  }

  private static SlotRetention read(ResultSet row) throws SQLException {
    long megabytes = row.getLong(3);
    return new SlotRetention(
        row.getString(4),
        Lsn.parse(row.getString(5)),
        Lsn.parse(row.getString(7)),
        Lsn.parse(row.getString(6)),
        row.getString(1),
        known(row.getLong(2)),
        known(megabytes < 0 ? megabytes : megabytes << 20));
  }

  /** {@return how much WAL is kept for it; 0 if the slot is lost} */
  public long heldBytes() {
    return walLsn.bytesSince(restartLsn);
  }

  /** {@return whether the next checkpoint may remove what it needs, or one has} */
  public boolean isInDanger() {
    return walStatus.equals("unreserved") || walStatus.equals("lost");
  }

  /** {@return whether most of what is kept was confirmed by its stream} */
  public boolean isMostlyConfirmed() {
    return walLsn.bytesSince(confirmedLsn) < heldBytes() / 2;
  }

  /** Less than nothing can be written for a slot that is in danger already. */
  private static OptionalLong known(long bytes) {
    return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }
}
