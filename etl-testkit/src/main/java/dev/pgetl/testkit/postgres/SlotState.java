package dev.pgetl.testkit.postgres;

import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of a replication slot on the server.
 *
 * @param name the slot
 * @param temporary whether it ends with its session
 * @param activePid the server process that streams from it; 0 if none does
 * @param confirmed the position the client confirmed; {@link Lsn#ZERO} if there is none yet
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty if
 *     not known
 */
public record SlotState(
    String name, boolean temporary, int activePid, Lsn confirmed, String walStatus) {

  /** {@return whether a session streams from it} */
  public boolean isActive() {
    return activePid != 0;
  }

  static SlotState of(List<@Nullable String> row) {
    String pid = row.get(2);
    String confirmed = row.get(3);
    return new SlotState(
        Objects.requireNonNull(row.get(0)),
        "t".equals(row.get(1)),
        pid == null ? 0 : Integer.parseInt(pid),
        confirmed == null ? Lsn.ZERO : Lsn.parse(confirmed),
        Objects.requireNonNullElse(row.get(4), ""));
  }
}
