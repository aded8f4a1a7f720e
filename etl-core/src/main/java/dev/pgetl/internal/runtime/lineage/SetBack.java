package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server was found to end before the stored position. What was found once is true for
 * good: the server may write past the position a moment later, with this pipeline's own state if
 * that is kept there. Thread-safe.
 */
public final class SetBack {
  private final PipelineStore store;
  private volatile @Nullable Found found;

  private record Found(ReplicationProgress before, Lsn end) {}

  /**
   * Nothing has been found.
   *
   * @param store forgets the position of a server that was set back: by the next start nothing may
   *     show it
   */
  public SetBack(PipelineStore store) {
    this.store = store;
  }

  /**
   * Compares the server with the stored position.
   *
   * @param progress empty if there is none, or if it was forgotten
   * @param server as it is now; empty if it is a standby
   * @throws dev.pgetl.error.EtlException of kind {@code SLOT_LOST} if it was set back, then or now
   */
  public void require(Optional<ReplicationProgress> progress, Optional<SourceFacts> server) {
    if (found == null && progress.isPresent() && server.isPresent()) {
      look(progress.get(), server.get());
    }
    Found first = found;
    if (first != null) {
      String slot = first.before().slotName();
      if (progress.isPresent()) {
        store.deleteReplicationProgress(slot);
      }
      throw Lineage.setBack(slot, first.before().flushedLsn(), first.end());
    }
  }

  private void look(ReplicationProgress progress, SourceFacts server) {
    if (Lineage.isSetBack(progress, Lsn.ZERO, server)) {
      found = new Found(progress, server.currentWal());
    }
  }
}
