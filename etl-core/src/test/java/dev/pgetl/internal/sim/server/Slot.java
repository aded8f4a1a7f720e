package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/** A logical replication slot. */
final class Slot {
  /** The process of a session that makes it, or to whose end it lives. */
  private static final int ITS_MAKER = 1_000_000;

  private final String name;

  /** 0 while the slot is being made. */
  private long confirmed;

  /** What a server that crashes comes back with. */
  private long onDisk;

  private String lostBecause = "";
  private @Nullable WalSender holder;
  private boolean temporary;

  /** When the server gives up making it, if its client is gone. */
  private long abandonedAt = Long.MAX_VALUE;

  Slot(String name, long confirmed) {
    this.name = name;
    this.confirmed = confirmed;
    this.onDisk = confirmed;
  }

  Slot copy() {
    Slot copy = new Slot(name, confirmed);
    copy.lostBecause = lostBecause;
    copy.onDisk = onDisk;
    return copy;
  }

  String name() {
    return name;
  }

  /** It belongs to one connection, and ends with it. */
  void makeTemporary() {
    temporary = true;
  }

  boolean temporary() {
    return temporary;
  }

  boolean unfinished() {
    return confirmed == 0;
  }

  /** The client that wanted it is gone; the server notices later. */
  void abandon(long noticedAt) {
    abandonedAt = noticedAt;
  }

  boolean isAbandoned(long now) {
    return now >= abandonedAt;
  }

  void finish(long consistentPoint) {
    confirmed = consistentPoint;
    onDisk = consistentPoint;
  }

  long confirmed() {
    return confirmed;
  }

  void confirm(long position) {
    confirmed = Math.max(confirmed, position);
  }

  void checkpoint() {
    onDisk = confirmed;
  }

  void crash() {
    confirmed = onDisk;
    holder = null;
  }

  void lose(String reason) {
    lostBecause = reason;
  }

  boolean lost() {
    return !lostBecause.isEmpty();
  }

  void hold(WalSender sender) {
    holder = sender;
  }

  /** {@return the sender that streams from it; one that has ended holds nothing} */
  @Nullable WalSender holder() {
    WalSender present = holder;
    return present != null && present.holdsSlot() ? present : null;
  }

  SlotState state() {
    WalSender present = holder();
    return new SlotState(
        name,
        present != null ? present.pid() : unfinished() || temporary ? ITS_MAKER : 0,
        new Lsn(confirmed),
        lost() ? "lost" : "reserved",
        lostBecause,
        "pgoutput",
        false,
        false);
  }
}
