package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.capture.TableSize;
import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A source that comes as far as the first question of a sync worker. Thread-safe. */
public final class FakeSource extends UnusedSource {
  private volatile Consumer<Collection<TableId>> askedTogether = ids -> {};
  private final Consumer<TableId> asked;
  private final List<Set<TableId>> sized = new CopyOnWriteArrayList<>();
  private final List<String> droppedSlots = new CopyOnWriteArrayList<>();

  /** From now on a worker that has many tables asks this; the answer may be to throw something. */
  public void askedTogether(Consumer<Collection<TableId>> answer) {
    askedTogether = answer;
  }

  /** Each sync worker asks once, before it copies; the answer is to throw something. */
  public FakeSource(Consumer<TableId> asked) {
    this.asked = asked;
  }

  /** {@return of which tables the size was asked, question by question} */
  public List<Set<TableId>> sized() {
    return List.copyOf(sized);
  }

  /** {@return none} */
  @Override
  public Map<TableId, TableSize> sizes(Collection<TableId> tables) {
    sized.add(Set.copyOf(tables));
    return Map.of();
  }

  public List<String> droppedSlots() {
    return List.copyOf(droppedSlots);
  }

  /** {@return none: each sync worker asks for its own} */
  @Override
  public List<PublishedTable> publishedTables(String publicationName, Collection<TableId> ids) {
    askedTogether.accept(ids);
    return List.of();
  }

  @Override
  public List<SlotState> slots() {
    return List.of();
  }

  @Override
  public PublishedTable publishedTable(String publicationName, TableId id, TableName name) {
    asked.accept(id);
    throw new IllegalStateException("the source knows no tables");
  }

  @Override
  public void dropSlot(String name) {
    droppedSlots.add(name);
  }
}
