package dev.pgetl.internal.row;

import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.codec.ValueCodecs;
import dev.pgetl.schema.TableSchema;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The codecs of a table version's columns, and where each column is. Worked out once per version
 * and found again by the version's identity, while the version is in use. Immutable.
 */
final class RowLayout extends WeakReference<TableSchema> {
  /** Far more than versions in use at a time, a power of two. */
  private static final int SLOTS = 4_096;

  /** In how many neighbouring slots a layout may lie; if all are taken one is worked out again. */
  private static final int WAYS = 4;

  private static final AtomicReferenceArray<@Nullable RowLayout> KNOWN =
      new AtomicReferenceArray<>(SLOTS);

  private final ValueCodec[] codecs;
  private final Map<String, Integer> indexes;

  private RowLayout(TableSchema table) {
    super(table);
    codecs = new ValueCodec[table.columnCount()];
    indexes = new HashMap<>();
    for (int i = 0; i < codecs.length; i++) {
      codecs[i] = ValueCodecs.of(table.column(i).type());
      indexes.put(table.column(i).name(), i);
    }
  }

  /** {@return the layout of rows of this version} */
  static RowLayout of(TableSchema table) {
    int hash = System.identityHashCode(table);
    for (int way = 0; way < WAYS; way++) {
      RowLayout layout = KNOWN.get(slot(hash, way));
      if (layout != null && layout.refersTo(table)) {
        return layout;
      }
    }
    return add(table, hash);
  }

  private static RowLayout add(TableSchema table, int hash) {
    RowLayout layout = new RowLayout(table);
    int free = slot(hash, 0);
    for (int way = WAYS - 1; way >= 0; way--) {
      RowLayout other = KNOWN.get(slot(hash, way));
      if (other == null || other.refersTo(null)) {
        free = slot(hash, way);
      }
    }
    KNOWN.set(free, layout);
    return layout;
  }

  private static int slot(int hash, int way) {
    return hash + way & SLOTS - 1;
  }

  ValueCodec codec(int index) {
    return codecs[index];
  }

  boolean readsBinary() {
    return Arrays.stream(codecs).allMatch(ValueCodec::readsBinary);
  }

  /** {@return the place of a column, null if there is none of that name} */
  @Nullable Integer index(String column) {
    return indexes.get(column);
  }
}
