package dev.pgetl.status.page;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.status.json.StatusDocument;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where the status of the pipelines comes from. Immutable.
 *
 * @param pipelines those that the application starts, by id
 * @param runners those that runners start
 */
record Sources(
    Map<String, Supplier<PipelineStatus>> pipelines,
    List<Supplier<Map<String, RunStatus>>> runners) {
  Sources {
    pipelines = new LinkedHashMap<>(pipelines); // in order
    runners = List.copyOf(runners);
  }

  StatusDocument document(Instant at) {
    StatusDocument.Builder document = StatusDocument.builder(at);
    pipelines.forEach((id, status) -> document.pipeline(id, status.get()));
    runners.forEach(runner -> runner.get().forEach(document::pipeline));
    return document.build();
  }

  Map<String, PipelineStatus> statuses() {
    Map<String, PipelineStatus> statuses = new LinkedHashMap<>();
    pipelines.forEach((id, status) -> statuses.put(id, status.get()));
    runners.forEach(
        runner -> runner.get().forEach((id, status) -> statuses.put(id, status.pipeline())));
    return statuses;
  }
}
