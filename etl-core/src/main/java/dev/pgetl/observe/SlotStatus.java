package dev.pgetl.observe;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * How much WAL the server still keeps for a replication slot, as {@code pg_replication_slots} says.
 *
 * @param wal the state of the WAL that the slot needs
 * @param heldBytes how much WAL the server keeps for it; 0 if the slot is lost
 * @param safeBytes how much the server can still write before the slot is in danger; empty if
 *     {@code max_slot_wal_keep_size} sets no limit, or the slot is lost
 */
public record SlotStatus(Wal wal, long heldBytes, OptionalLong safeBytes) {
  /** The state of the WAL that a slot needs; see {@code wal_status}. */
  public enum Wal {
    /** Within {@code max_wal_size}. */
    RESERVED,
    /** Beyond {@code max_wal_size}, and kept. */
    EXTENDED,
    /** Removed at the next checkpoint, unless the slot moves on before. */
    UNRESERVED,
    /** Removed: the slot is lost. */
    LOST,
    /** One that this version of the library does not know. */
    UNKNOWN;

    /**
     * {@return the state that the server calls so}
     *
     * @param walStatus as {@code pg_replication_slots.wal_status}
     */
    public static Wal of(String walStatus) {
      return switch (walStatus) {
        case "reserved" -> RESERVED;
        case "extended" -> EXTENDED;
        case "unreserved" -> UNRESERVED;
        case "lost" -> LOST;
        default -> UNKNOWN;
      };
    }
  }

  public SlotStatus {
    Objects.requireNonNull(wal, "wal");
    Objects.requireNonNull(safeBytes, "safeBytes");
  }
}
