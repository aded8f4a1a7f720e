package dev.pgetl.internal.value;

import dev.pgetl.schema.TableSchema;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows of Java values for {@code TableRow.of}. That method must not name its implementation:
 * rows need codecs, codecs need the types of {@code dev.pgetl.data}, and the packages would depend
 * on each other. So the implementation is a service of the module.
 */
public interface RowFactory {
  /** The one in this library. */
  RowFactory INSTALLED =
      ServiceLoader.load(RowFactory.class, RowFactory.class.getClassLoader())
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "no file META-INF/services/"
                          + RowFactory.class.getName()
                          + ": a repackaged library must keep its services"));

  /**
   * {@return a {@code TableRow}}
   *
   * @param table the version of the table
   * @param values a value for each column
   */
  Object row(TableSchema table, @Nullable Object[] values);
}
