package dev.pgetl.benchmarks.client;

import dev.pgetl.Pipeline;
import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Our own library with a store and a destination that survive the process, which may be killed
 * during a copy and started again.
 */
public final class ResumeClient implements Client {
  private static final Duration LIMIT = Duration.ofMinutes(30);

  @Override
  public void run(Task task, Conversation harness) throws IOException, InterruptedException {
    Path folder = Path.of(task.text(Setting.KEPT));
    KeptRows kept = KeptRows.open(folder.resolve("rows"), task.number(Setting.ROWS));
    KeptDestination destination = new KeptDestination(task, kept);
    try (FileLayer layer = FileLayer.open(folder.resolve("state"));
        MemoryStore store = new MemoryStore(layer);
        Pipeline pipeline = Pipeline.create(PgetlClient.config(task, 0, 1), store, destination)) {
      harness.awaitBegin();
      pipeline.start();
      if (task.has(Setting.HALT_AT)) {
        destination.awaitHalt();
        harness.halted(kept.present());
      }
      destination.awaitComplete();
      harness.copied(figures(task, kept, destination));
      if (!pipeline.awaitReady(LIMIT)) {
        throw new IllegalStateException("the table did not become ready");
      }
      harness.done(kept.present());
    }
  }

  private static Map<String, Long> figures(Task task, KeptRows kept, KeptDestination destination) {
    return Map.of(
        Conversation.TAKEN,
        destination.taken(),
        Figure.ROWS_AGAIN.name(),
        kept.accepted() - task.number(Setting.ROWS));
  }
}
