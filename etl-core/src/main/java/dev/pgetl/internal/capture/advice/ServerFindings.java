package dev.pgetl.internal.capture.advice;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.internal.capture.advice.ServerFacts.Room;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is wrong with a server as a source, whatever it publishes. Stateless. */
public final class ServerFindings {
  /** The oldest server whose pgoutput has all messages and options that are used here. */
  private static final int OLDEST_MAJOR = 14;

  /**
   * Minor versions that fix lost changes and excessive memory use in logical decoding, by major
   * version.
   */
  private static final Map<Integer, Integer> RECOMMENDED_MINORS =
      Map.of(14, 19, 15, 14, 16, 10, 17, 6);

  private ServerFindings() {}

  /**
   * {@return what is wrong with a version}
   *
   * @param number as {@code server_version_num} says
   */
  public static Optional<Finding> version(int number) {
    int major = number / 10_000;
    int minor = number % 10_000;
    int recommended = RECOMMENDED_MINORS.getOrDefault(major, 0);
    if (major < OLDEST_MAJOR) {
      return Optional.of(
          Finding.of(FindingCode.SERVER_VERSION, "the server is Postgres " + major)
              .fixedBy("Upgrade it to " + OLDEST_MAJOR + " or later"));
    }
    return minor >= recommended
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                    FindingCode.MINOR_VERSION,
                    "server version %d.%d has errors in logical decoding that can lose changes"
                        .formatted(major, minor))
                .fixedBy("Upgrade it to %d.%d".formatted(major, recommended)));
  }

  /** {@return why the log of a server cannot be read by this role} */
  public static List<Finding> decoding(ServerFacts server) {
    List<Finding> found = new ArrayList<>();
    if (!server.walLevel().equals("logical")) {
      found.add(
          Finding.of(FindingCode.WAL_LEVEL, "wal_level is " + server.walLevel())
              .fixedBy("", "ALTER SYSTEM SET wal_level = logical")
              .thenRestart());
    }
    if (!server.mayReplicate()) {
      found.add(
          Finding.of(
                  FindingCode.REPLICATION_ROLE, "role \"" + server.role() + "\" may not replicate")
              .fixedBy("", "ALTER ROLE " + TableName.quote(server.role()) + " REPLICATION"));
    }
    if (!server.plugins().contains("pgoutput")) {
      found.add(
          Finding.of(FindingCode.OUTPUT_PLUGIN, "output_plugin_libraries does not name pgoutput")
              .fixedBy("Add it to that setting of the server"));
    }
    return found;
  }

  /** {@return whether the role reads money in another way than others write it} */
  public static Optional<Finding> money(ServerFacts server) {
    String role = server.role();
    return server.ownMoney()
        ? Optional.of(
            Finding.of(
                    FindingCode.MONEY_LOCALE,
                    "role \""
                        + role
                        + "\" has an lc_monetary of its own: money values have the number of digits of"
                        + " that locale, not of the one others write them with")
                .fixedBy(
                    "Set it for the database, or for no role",
                    "ALTER ROLE " + TableName.quote(role) + " RESET lc_monetary"))
        : Optional.empty();
  }

  /**
   * {@return what is wrong with the slots that are free}
   *
   * @param needed how many the pipeline will use besides those it has
   * @param required those without which it cannot make its first step
   */
  public static Optional<Finding> slots(ServerFacts server, int needed, int required) {
    return room(FindingCode.REPLICATION_SLOTS, server.slots(), needed, required);
  }

  /** {@return what is wrong with the WAL senders that are free, as for {@link #slots}} */
  public static Optional<Finding> senders(ServerFacts server, int needed, int required) {
    return room(FindingCode.WAL_SENDERS, server.senders(), needed, required);
  }

  private static Optional<Finding> room(FindingCode code, Room room, int needed, int required) {
    boolean slots = code == FindingCode.REPLICATION_SLOTS;
    String free =
        "of the server's %s only %d are free, %d "
            .formatted(slots ? "replication slots" : "WAL senders", room.free(), needed);
    String setting = slots ? "max_replication_slots" : "max_wal_senders";
    if (room.free() >= needed) {
      return Optional.empty();
    }
    Finding finding =
        room.free() < required
            ? Finding.of(code, free + "are needed").as(Severity.ERROR)
            : Finding.of(code, free + "may be needed: tables will wait for each other");
    return Optional.of(
        finding
            .fixedBy(
                "Raise "
                    + setting
                    + ", drop what is not used any more, or lower maxTableSyncWorkers",
                "ALTER SYSTEM SET " + setting + " = " + (room.most() - room.free() + needed))
            .thenRestart());
  }
}
