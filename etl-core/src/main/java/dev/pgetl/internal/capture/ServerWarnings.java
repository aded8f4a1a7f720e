package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.platform.Ticker;
import java.sql.SQLWarning;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server warns of while it streams. Used by the thread that reads the stream. */
final class ServerWarnings {
  private static final Logger LOG = LoggerFactory.getLogger(ServerWarnings.class);

  /** The file of the server that writes changes: what it warns of is missing in the stream. */
  private static final String OUTPUT_PLUGIN = "pgoutput.c";

  /** The server repeats a warning as long as its reason lasts. */
  private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Ticker ticker;
  private String logged = "";
  private long loggedAt;

  ServerWarnings(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * {@return the warning that the publication did not exist at a place in the log, so that the
   * server has left changes out; null if there is none} Logs those before it. Up to Postgres 17 a
   * missing publication is an error of the server.
   *
   * @param first a warning, with those that came after it
   */
  @Nullable SQLWarning publicationMissing(SQLWarning first) {
    for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
      if (isOfPublication(warning)) {
        return warning;
      }
      log(SqlErrors.describe(warning));
    }
    return null;
  }

  /** Texts may be translated, and standbys that lag have the same SQLSTATE. */
  private static boolean isOfPublication(SQLWarning warning) {
    ServerErrorMessage message =
        warning instanceof PSQLWarning ofServer ? ofServer.getServerErrorMessage() : null;
    return SqlErrors.stateOf(warning).equals(SqlErrors.NOT_IN_PREREQUISITE_STATE)
        && (message == null
            || message.getFile() == null
            || message.getFile().endsWith(OUTPUT_PLUGIN));
  }

  private void log(String text) {
    long now = ticker.nanos();
    if (!text.equals(logged) || now - loggedAt > REPEAT_NANOS) {
      LOG.warn("the server warns: {}", text);
      logged = text;
      loggedAt = now;
    }
  }
}
