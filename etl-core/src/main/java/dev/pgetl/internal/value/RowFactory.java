package dev.pgetl.internal.value;

import dev.pgetl.schema.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows of Java values for {@code TableRow.of}. That method must not name its implementation:
 * rows need codecs, codecs need the types of {@code dev.pgetl.data}, and the packages would depend
 * on each other. So the implementation is found by its name, a constant that tools which repackage
 * or analyse a program know how to follow.
 */
public interface RowFactory {
  /** The one in this library. */
  RowFactory INSTALLED = installed();

  private static RowFactory installed() {
    try {
      return Class.forName("dev.pgetl.internal.row.TextRowFactory")
          .asSubclass(RowFactory.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a part of pgetl is missing on the class path", e);
    }
  }

  /**
   * {@return a {@code TableRow}}
   *
   * @param table the version of the table
   * @param values a value for each column
   */
  Object row(TableSchema table, @Nullable Object[] values);
}
