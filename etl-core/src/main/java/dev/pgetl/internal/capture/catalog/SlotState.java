package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * A logical replication slot of this database, as {@code pg_replication_slots} shows it.
 *
 * @param name the slot's name
 * @param activePid the process that holds it; 0 if none
 * @param confirmedFlush changes committed before it are not sent any more; {@link Lsn#ZERO} if the
 *     slot is still being made
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty if
 *     the server says nothing
 * @param invalidationReason why the slot cannot be used any more; empty if it can. Before Postgres
 *     17 only {@code conflicting}, of a standby
 * @param plugin what decodes the log for its readers
 * @param twoPhase whether prepared transactions are sent before they are committed
 * @param synced whether the server has copied it from a primary; stays true when it is promoted
 */
public record SlotState(
    String name,
    int activePid,
    Lsn confirmedFlush,
    String walStatus,
    String invalidationReason,
    String plugin,
    boolean twoPhase,
    boolean synced) {
  private static final String PLUGIN = "pgoutput";

  /**
   * {@return this slot, which a pipeline can have made}
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_CONFIGURATION} if none does: it is another
   *     program's, whatever its name
   */
  public SlotState requireOurs() {
    if (isOurs()) {
      return this;
    }
    String problem =
        plugin.equals(PLUGIN) ? "sends prepared transactions (two_phase)" : "has plugin " + plugin;
    throw new EtlException(
            ErrorKind.SOURCE_CONFIGURATION,
            "replication slot " + name + " " + problem + ": no pipeline made it")
        .withFix(
            "Give the pipeline another id. Or, if no other program reads from it: SELECT"
                + " pg_drop_replication_slot('"
                + name
                + "')");
  }

  /** {@return whether a process holds it} */
  public boolean active() {
    return activePid != 0;
  }

  /** {@return whether a pipeline can have made it} */
  public boolean isOurs() {
    return plugin.equals(PLUGIN) && !twoPhase;
  }

  /**
   * {@return whether the slot is still being made} It stands nowhere yet, and vanishes if the
   * process that makes it gives up.
   */
  public boolean unfinished() {
    return confirmedFlush.equals(Lsn.ZERO);
  }

  /** {@return whether the server has thrown away log this slot still needs} */
  public boolean lost() {
    return walStatus.equals("lost") || !invalidationReason.isEmpty();
  }

  /**
   * {@return the failure of what needs a slot that is lost}
   *
   * @param doing what failed, without an end
   * @param cause how; null if that is all
   */
  public EtlException invalidated(String doing, @Nullable Exception cause) {
    String reason = invalidationReason.isEmpty() ? walStatus : invalidationReason;
    return changesMissing(
        doing + " failed: the server has invalidated the slot (" + reason + ")",
        settingOf(reason),
        cause);
  }

  /** {@return which setting of the server to look at first} */
  private static String settingOf(String reason) {
    return switch (reason) {
      case "wal_removed", "lost" ->
          "The stream was further behind than max_slot_wal_keep_size allows: raise it. ";
      case "idle_timeout" -> "The slot was unused for idle_replication_slot_timeout: raise it. ";
      case "rows_removed" -> StandbySource.FEEDBACK;
      case "wal_level_insufficient" -> StandbySource.WAL_LEVEL;
      case "conflicting" -> StandbySource.WAL_LEVEL + StandbySource.FEEDBACK;
      default -> "";
    };
  }

  /**
   * {@return the failure of what needs changes that are not there any more}
   *
   * @param what has happened
   * @param cause how; null if that is all
   */
  public static EtlException changesMissing(String what, @Nullable Exception cause) {
    return changesMissing(what, "", cause);
  }

  private static EtlException changesMissing(String what, String first, @Nullable Exception cause) {
    return new EtlException(ErrorKind.SLOT_LOST, what, cause)
        .withFix(
            first
                + "Changes may be missing. Resync all tables: start with invalidatedSlotBehavior"
                + " RECREATE, or drop the slot and clear the pipeline's state.");
  }
}
