package dev.pgetl.internal.runtime.operate;

import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runtime.order.Operated;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.worker.PipelineRun;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator may ask of one pipeline at work, and the destination's calls it holds back. */
public final class Operations implements Operated {
  private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

  private final String pipeline;
  private final PipelineRun run;
  private final CallGate calls;

  /**
   * Creates them.
   *
   * @param pipeline its id
   * @param run what works
   * @param calls all calls of the destination
   */
  public Operations(String pipeline, PipelineRun run, CallGate calls) {
    this.pipeline = pipeline;
    this.run = run;
    this.calls = calls;
  }

  @Override
  public void order(TableOrder order) throws InterruptedException {
    run.order(order);
  }

  @Override
  public void pause() {
    if (calls.pause()) {
      LOG.info("pipeline {} is paused and does not call the destination", pipeline);
    }
  }

  @Override
  public boolean awaitPaused(Duration limit) throws InterruptedException {
    return calls.awaitPaused(Ticker.nanos(limit));
  }

  @Override
  public void resume() {
    if (calls.resume()) {
      LOG.info("pipeline {} is resumed", pipeline);
    }
  }
}
