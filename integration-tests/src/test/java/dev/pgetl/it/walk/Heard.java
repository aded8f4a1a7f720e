package dev.pgetl.it.walk;

import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the pipeline has reported to its listener. Thread-safe. */
final class Heard implements PipelineListener {
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** {@return everything, for the report of a failed walk} */
  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
    lines.add(name + " (" + id + ") is " + phase);
  }

  @Override
  public void onPartitionsChanged(
      TableId id, TableName name, Set<TableName> attached, Set<TableName> detached) {
    lines.add(name + " gained " + attached + ", lost " + detached);
  }

  @Override
  public void onTableDiffers(TableId id, TableName name, String reason) {
    lines.add(name + " (" + id + ") differs: " + reason);
  }

  @Override
  public void onRetry(EtlException failure, int attempt, Duration delay) {
    lines.add(
        "retry " + attempt + " in " + delay + ": " + failure.kind() + " " + failure.summary());
  }
}
