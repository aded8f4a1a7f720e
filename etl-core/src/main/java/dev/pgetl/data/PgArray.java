package dev.pgetl.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array with its lower bounds.
 *
 * <p>{@link TableRow#get(int)} gives plain lists for an array and this only where lists are
 * ambiguous: when a dimension does not begin at 1, or when several dimensions hold values that are
 * lists themselves (multiranges, domains over arrays), so that the lists alone would not say where
 * the dimensions end. {@link TableRow#getArray(int)} gives it for every array. Immutable, equal by
 * value.
 *
 * @param lowerBounds the index of the first element in each dimension; empty for an empty array
 * @param elements the elements, null where they are; for more than one dimension lists of lists,
 *     which must not change any more
 */
public record PgArray(List<Integer> lowerBounds, List<? extends @Nullable Object> elements)
    implements SpecialValue {

  public PgArray {
    lowerBounds = List.copyOf(lowerBounds);
    elements = Collections.unmodifiableList(new ArrayList<@Nullable Object>(elements));
  }

  /** {@return how many dimensions it has; 0 if it is empty} */
  public int dimensions() {
    return lowerBounds.size();
  }
}
