package dev.pgetl.internal.runtime.replica;

import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.replica.Standby.Taken;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the engine for each tenure.
 *
 * @param given what the pipeline was given
 * @param destination the destination of all tenures
 * @param ending opens when the pipeline was asked to end
 */
record Terms(PipelineContext given, SharedDestination destination, Latch ending) {
  private static final Logger LOG = LoggerFactory.getLogger(Terms.class);

  /** {@return a term whose engine has not begun} */
  Term begin(Taken taken, boolean first) {
    Tenure tenure = taken.tenure();
    String id = given.config().id();
    LOG.info("pipeline {} is this process's from now on, epoch {}", id, tenure.number());
    Platform platform = given.platform();
    PipelineContext context =
        PipelineContext.of(
            given.config(),
            given.store(),
            new FencedDestination(destination, tenure),
            given.listener(),
            taken.source(),
            platform);
    given.listener().onOwner(tenure.number());
    Patience patience = new Patience(tenure, ending, platform);
    return new Term(tenure, new PipelineEngine(context, patience), first, new Decision(platform));
  }
}
