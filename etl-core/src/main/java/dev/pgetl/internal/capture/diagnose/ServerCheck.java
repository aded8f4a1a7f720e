package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.internal.capture.advice.ServerFacts;
import dev.pgetl.internal.capture.advice.ServerFindings;
import dev.pgetl.internal.capture.session.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/** Version, log, slots and WAL senders: what the start of a pipeline checks, too. */
final class ServerCheck implements Check {
  /** Without a slot for the stream and one for a copy, a new pipeline does not get anywhere. */
  private static final int FIRST_START = 2;

  /** A WAL sender is known by the session's name. */
  private static final String SENDERS =
      "SELECT count(*) FROM pg_stat_replication WHERE starts_with(application_name, ?)";

  private static final String SLOTS =
      "SELECT slot_name FROM pg_replication_slots WHERE starts_with(slot_name, 'pgetl_')";

  private static final String ENCODING = "SELECT current_setting('server_encoding')";

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    int version =
        Sql.first(source.connection(), "SHOW server_version_num", row -> row.getInt(1))
            .orElseThrow();
    ServerFindings.version(version).ifPresent(found);
    ServerFacts server = source.server();
    ServerFindings.decoding(server).forEach(found);
    ServerFindings.money(server).ifPresent(found);
    room(source, found);
    encoding(source, found);
  }

  /** What the pipeline has already, because it runs or will continue, counts as free. */
  private static void room(Examined source, Consumer<Finding> found) throws SQLException {
    List<String> own =
        Sql.list(source.connection(), SLOTS, row -> row.getString(1)).stream()
            .filter(source.slots()::own)
            .toList();
    long senders =
        Sql.first(
                source.connection(),
                SENDERS,
                row -> row.getLong(1),
                "pgetl/" + source.config().id() + "/")
            .orElse(0L);
    int needed = 1 + source.config().maxTableSyncWorkers();
    int required = own.isEmpty() ? Math.min(needed, FIRST_START) : 0;
    ServerFindings.slots(source.server(), needed - own.size(), required).ifPresent(found);
    ServerFindings.senders(
            source.server(), needed - (int) senders, senders > 0 ? 0 : Math.max(required, 1))
        .ifPresent(found);
  }

  private static void encoding(Examined source, Consumer<Finding> found) throws SQLException {
    String encoding =
        Sql.first(source.connection(), ENCODING, row -> row.getString(1)).orElse("UTF8");
    if (encoding.equals("SQL_ASCII")) {
      found.accept(
          Finding.of(
                  FindingCode.ENCODING,
                  "the database has encoding SQL_ASCII, which accepts any bytes as text: a table with"
                      + " text that is not UTF-8 fails")
              .fixedBy("Move the data to a database with encoding UTF8")
              .as(Severity.WARNING));
    }
  }
}
