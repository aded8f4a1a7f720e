package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.advice.ServerFacts;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.session.Connector;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SessionSettings;
import dev.pgetl.internal.capture.session.SessionSettings.Purpose;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.connect.DriverVersion;
import dev.pgetl.internal.platform.Platform;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Examines a source over connections of its own, so that it matters not whether the pipeline runs,
 * where, or why it cannot. Changes nothing. Owned by one thread.
 */
public final class SourceDoctor {
  private static final String ROLE = "doctor";

  /**
   * From when on something is reported.
   *
   * @param openTransaction how long a transaction may be open
   * @param passwordLeft how long the password is to be valid
   * @param stopped for how long slots of a stopped pipeline are to be kept
   */
  public record Limits(Duration openTransaction, Duration passwordLeft, Duration stopped) {
    /** What is usual. */
    public static final Limits USUAL =
        new Limits(Duration.ofMinutes(10), Duration.ofDays(14), Duration.ofDays(1));
  }

  /** One check. */
  @FunctionalInterface
  interface Attempt {
    /** Makes it. */
    void run() throws SQLException;
  }

  private final PipelineConfig config;
  private final String applySlot;
  private final Limits limits;
  private final List<Finding> found = new ArrayList<>();

  private SourceDoctor(PipelineConfig config, String applySlot, Limits limits) {
    this.config = config;
    this.applySlot = applySlot;
    this.limits = limits;
  }

  /**
   * {@return what is wrong with a source, in no particular order} Fails never: a source that cannot
   * be reached is a finding.
   *
   * @param config the settings of the pipeline
   * @param applySlot the slot of its stream
   * @param limits from when on something is reported
   * @param platform time and locks
   */
  public static List<Finding> examine(
      PipelineConfig config, String applySlot, Limits limits, Platform platform) {
    SourceDoctor doctor = new SourceDoctor(config, applySlot, limits);
    doctor.driver();
    SessionSettings settings = new SessionSettings(config.pgConnection(), config.id());
    try (Connector connector = new Connector(config.pgConnection(), settings, platform)) {
      doctor.examine(connector);
    } catch (EtlException e) {
      doctor.found.add(unreachable(e));
    } catch (SQLException e) {
      doctor.found.add(unreachable(SqlErrors.failure("examine the source", e)));
    }
    return doctor.found;
  }

  private void driver() {
    try {
      DriverVersion.present().check();
    } catch (EtlException e) {
      found.add(Finding.of(FindingCode.DRIVER_VERSION, e.summary()).fixedBy(e.fix()));
    }
  }

  private void examine(Connector connector) throws SQLException {
    try (Session session = connector.open(Purpose.CONTROL, ROLE)) {
      Examined source =
          new Examined(
              session,
              config,
              new SlotNames(config.id()),
              ServerFacts.of(session.jdbc()),
              PublicationCatalog.tables(session.jdbc(), config.publicationName()),
              limits);
      for (Check check : checks()) {
        run(check, source);
      }
      replication(connector, source);
    }
  }

  private List<Check> checks() {
    return List.of(
        new SessionCheck(),
        new ServerCheck(),
        new SettingsCheck(),
        new RoleCheck(),
        new PublicationCheck(),
        new TableCheck(),
        new PartitionCheck(),
        new IdentityCheck(),
        new SlotCheck(),
        new TransactionCheck(),
        new StandbyCheck(applySlot));
  }

  private void run(Check check, Examined source) throws SQLException {
    attempt(check.getClass().getSimpleName(), () -> check.run(source, found::add))
        .ifPresent(found::add);
  }

  /**
   * Makes a check. One that fails does not keep others from being made: the server refuses it, or
   * what it looks at is dropped at the time.
   *
   * @param name of the check
   * @return what to report of it if it fails
   * @throws SQLException if the connection is lost
   */
  @SuppressWarnings("IllegalCatch") // whatever servers answer
  static Optional<Finding> attempt(String name, Attempt check) throws SQLException {
    try {
      check.run();
      return Optional.empty();
    } catch (SQLException e) {
      if (SqlErrors.isConnectionLost(e)) {
        throw e;
      }
      return notChecked(name, SqlErrors.describe(e));
    } catch (EtlException e) {
      return notChecked(name, e.summary());
    } catch (RuntimeException e) { // its text may hold anything
      return notChecked(name, e.getClass().getName());
    }
  }

  private static Optional<Finding> notChecked(String name, String why) {
    return Optional.of(Finding.of(FindingCode.NOT_CHECKED, name + " failed: " + why));
  }

  /** A role that may not replicate, and a server without free senders, are found already. */
  private void replication(Connector connector, Examined source) throws SQLException {
    if (!source.server().mayReplicate() || source.server().senders().free() < 1) {
      return;
    }
    try (Session session = connector.open(Purpose.REPLICATION, ROLE)) {
      SourceFacts unused = SourceFacts.of(session);
    }
  }

  private static Finding unreachable(EtlException e) {
    Finding finding =
        e.fix().equals(SqlErrors.NO_POOLER)
            ? SessionCheck.pooler(e.summary())
            : Finding.of(FindingCode.SOURCE_UNREACHABLE, e.summary()).as(Severity.ERROR);
    return finding.fixedBy(e.fix());
  }
}
