package dev.pgetl.store.memory;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Changes of every kind, as files and tables of version 2 keep them: those of version 1, and the
 * ranges of copies. Never changed: what was written once is read by every later version.
 */
public final class StateOfVersion2 {
  private static final TableId USERS = new TableId(16384);
  private static final TableId ORDERS = new TableId(0xFFFFFFFFL);
  private static final TableId GONE = new TableId(16390);

  private StateOfVersion2() {}

  /** The changes, in order. */
  public static List<StoreChange> changes() {
    return Stream.concat(
            StateOfVersion1.changes().stream(),
            Stream.of(
                new CopyRangesStored(ORDERS, "a to b"),
                new CopyRangesStored(USERS, "done"),
                new CopyRangesStored(GONE, "gone"),
                new CopyRangesStored(ORDERS, "a to b\n\"\u00fc\" to \\\n"),
                new CopyRangesDeleted(USERS),
                new TableForgotten(GONE)))
        .toList();
  }

  /** What they add up to. */
  public static LayerContents contents() {
    LayerContents before = StateOfVersion1.contents();
    return new LayerContents(
        before.histories(),
        before.versions(),
        before.mappings(),
        before.progress(),
        Map.of(ORDERS, "a to b\n\"\u00fc\" to \\\n"));
  }
}
