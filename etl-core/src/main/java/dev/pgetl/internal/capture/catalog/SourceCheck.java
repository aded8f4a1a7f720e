package dev.pgetl.internal.capture.catalog;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.advice.ServerFacts;
import dev.pgetl.internal.capture.advice.ServerFindings;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Validates the source before a pipeline starts. Reports all problems at once, each with its fix;
 * possible later problems are logged as warnings. Used once.
 */
public final class SourceCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SourceCheck.class);

  /** Something wrong. */
  private record Problem(ErrorKind kind, String what, String fix) {}

  private final Connection connection;
  private final String publication;
  private final List<Problem> problems = new ArrayList<>();
  private List<PublishedTable> tables = List.of();

  private SourceCheck(Connection connection, String publication) {
    this.connection = connection;
    this.publication = publication;
  }

  /**
   * Looks at the source.
   *
   * @param standby what is to be said if it is a standby, or was to be one
   * @param slotsNeeded slots and WAL senders the pipeline will use besides those it has
   * @param slotsRequired those without which it cannot make its first step
   * @return the tables of the publication
   * @throws EtlException naming everything that is wrong
   */
  public static List<PublishedTable> run(
      Connection connection,
      String publication,
      StandbySource standby,
      int slotsNeeded,
      int slotsRequired)
      throws SQLException {
    SourceCheck check = new SourceCheck(connection, publication);
    check.version();
    if (check.problems.isEmpty()) {
      standby.check(connection, check::problem);
      check.server(slotsNeeded, slotsRequired);
      check.publication();
    }
    check.throwIfAny();
    return check.tables;
  }

  private void version() throws SQLException {
    int number =
        Sql.first(connection, "SHOW server_version_num", row -> row.getInt(1)).orElseThrow();
    ServerFindings.version(number).ifPresent(this::take);
  }

  private void server(int slotsNeeded, int slotsRequired) throws SQLException {
    ServerFacts server = ServerFacts.of(connection);
    ServerFindings.decoding(server).forEach(this::take);
    ServerFindings.money(server).ifPresent(this::take);
    ServerFindings.slots(server, slotsNeeded, slotsRequired).ifPresent(this::take);
    ServerFindings.senders(server, slotsNeeded, slotsRequired).ifPresent(this::take);
  }

  /** What does not keep the pipeline from starting is logged. */
  private void take(Finding finding) {
    if (finding.severity() == Severity.ERROR) {
      problem(kind(finding.code()), finding.problem(), finding.fix());
    } else {
      LOG.warn("{}; {}", finding.problem(), finding.fix());
    }
  }

  private static ErrorKind kind(FindingCode code) {
    return switch (code) {
      case REPLICATION_ROLE -> ErrorKind.SOURCE_PERMISSION;
      case REPLICATION_SLOTS, WAL_SENDERS -> ErrorKind.SOURCE_BUSY;
      default -> ErrorKind.SOURCE_CONFIGURATION;
    };
  }

  private void publication() throws SQLException {
    PublicationCatalog.Publication found =
        PublicationCatalog.publication(connection, publication).orElse(null);
    if (found == null) {
      EtlException missing = PublicationCatalog.missing(publication);
      problem(missing.kind(), missing.summary(), missing.fix());
      return;
    }
    tables = PublicationCatalog.tables(connection, publication);
    if (tables.isEmpty() && found.grows()) {
      LOG.warn(
          "publication \"{}\" publishes no table yet; tables that are created later are taken in",
          publication);
    } else if (tables.isEmpty()) {
      problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "publication \"" + publication + "\" publishes no table",
          "ALTER PUBLICATION " + TableName.quote(publication) + " ADD TABLE ...");
    }
    tables.forEach(SourceCheck::warnOfPrivileges);
    if (found.updatesOrDeletes()) {
      for (IdentityGap gap : IdentityGap.of(connection, publication)) {
        LOG.warn("table {} {}; {}", gap.table(), gap.problem(), gap.fix());
      }
    }
    for (UnsentTable unsent : PublicationCatalog.unsent(connection, publication)) {
      LOG.warn("table {}; {}", unsent.problem(), unsent.fix());
    }
  }

  private static void warnOfPrivileges(PublishedTable table) {
    if (!table.missingPrivileges().isEmpty()) {
      LOG.warn(
          "table {} cannot be copied: this role may not read all of it; {}",
          table.name(),
          table.missingPrivileges());
    }
  }

  private void problem(ErrorKind kind, String what, String fix) {
    problems.add(new Problem(kind, what, fix));
  }

  private void throwIfAny() {
    if (problems.isEmpty()) {
      return;
    }
    List<ErrorKind> kinds = problems.stream().map(Problem::kind).distinct().toList();
    ErrorKind kind = kinds.size() == 1 ? kinds.get(0) : ErrorKind.SOURCE_CONFIGURATION;
    String what = String.join("; ", problems.stream().map(Problem::what).toList());
    String fix = String.join("; ", problems.stream().map(Problem::fix).toList());
    throw new EtlException(kind, "the source is not ready: " + what)
        .withFix(Objects.requireNonNull(fix));
  }
}
