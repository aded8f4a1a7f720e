package dev.pgetl.forecast;

import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A replication slot at one moment, as {@code pg_replication_slots} shows it.
 *
 * @param time when; by a clock that does not jump
 * @param restartLsn the oldest WAL that the slot needs
 * @param walLsn the end of the server's WAL
 * @param safeBytes {@code safe_wal_size}; 0 if {@code wal_status} is {@code unreserved} or {@code
 *     lost}; empty without {@code max_slot_wal_keep_size}
 */
public record SlotSample(Instant time, Lsn restartLsn, Lsn walLsn, OptionalLong safeBytes) {
  public SlotSample {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(restartLsn, "restartLsn");
    Objects.requireNonNull(walLsn, "walLsn");
    Objects.requireNonNull(safeBytes, "safeBytes");
  }

  /** {@return how much WAL the server keeps for the slot} */
  public long retainedBytes() {
    return walLsn.bytesSince(restartLsn);
  }
}
