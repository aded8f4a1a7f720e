package dev.pgetl.internal.runtime.replica;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.decode.RehearsedStream;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.store.LeaseStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process does when it begins to wait: it asks source and store what a start asks, and
 * forgets the answers. A JVM loads code when it is first used, and compiles what is used often,
 * which takes longer than all the rest of a takeover. {@link #stop} is for any thread.
 */
final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** The second to fifth time still make a takeover faster, by a quarter. */
  private static final int ROUNDS = 5;

  private final PipelineContext given;
  private final LeaseStore leases;
  private volatile @Nullable SourceDatabase source;
  private volatile boolean stopped;

  /**
   * Creates it.
   *
   * @param given what the pipeline was given
   */
  Rehearsal(PipelineContext given, LeaseStore leases) {
    this.given = given;
    this.leases = leases;
  }

  /** Rehearses; a failure is logged. */
  @SuppressWarnings("IllegalCatch") // it has no consequences
  void run() {
    try (SourceDatabase asked = PipelineContext.source(given.config(), given.platform())) {
      source = asked;
      if (!stopped) {
        check(asked);
        for (int i = 0; i < ROUNDS; i++) {
          ask(asked);
          leases.rehearse();
          long unused = RehearsedStream.decode();
        }
        LOG.info("pipeline {} has rehearsed a takeover", given.config().id());
      }
    } catch (RuntimeException e) {
      if (!stopped) {
        LOG.warn(
            "pipeline {} waits for its turn, but could not take it now: {}",
            given.config().id(),
            e.getMessage());
      }
    }
  }

  /** Once: it logs what it finds. */
  private void check(SourceDatabase asked) {
    PipelineConfig config = given.config();
    asked.check(config.publicationName(), given.applySlot(), config.maxTableSyncWorkers(), false);
  }

  private void ask(SourceDatabase asked) {
    boolean unused = asked.isTaken(given::ownsSlot);
    var unusedFacts = asked.facts();
    var unusedTables = asked.publishedTables(given.config().publicationName());
    var unusedTransactions = asked.openTransactions(given.applySlot());
    var unusedEnd = asked.endOfWal();
    var unusedStatus = new PipelineEngine(engineContext(asked)).status();
  }

  private PipelineContext engineContext(SourceDatabase asked) {
    Platform platform = given.platform();
    return PipelineContext.of(
        given.config(), given.store(), given.destination(), given.listener(), asked, platform);
  }

  /** Ends it, if it has not ended. */
  void stop() {
    stopped = true;
    SourceDatabase asked = source;
    if (asked != null) {
      asked.close();
    }
  }
}
