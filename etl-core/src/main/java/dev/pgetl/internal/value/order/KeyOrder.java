package dev.pgetl.internal.value.order;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.PgType;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * The order in which Postgres sorts the values of one type, computed here. Immutable.
 *
 * <p>Text is compared by its bytes, which is the order of the collation {@code C} only.
 */
public final class KeyOrder {
  private final Function<String, Comparable<?>> parse;

  private KeyOrder(Function<String, Comparable<?>> parse) {
    this.parse = parse;
  }

  /** {@return the order of a type; empty if Java does not know it} */
  public static Optional<KeyOrder> of(PgType type) {
    return switch (type.baseType().name()) {
      case "int2", "int4", "int8" -> Optional.of(new KeyOrder(Long::valueOf));
      default -> Optional.empty();
    };
  }

  /** {@return what a value is compared by, from the text as Postgres writes it} */
  public Key key(String text) {
    return new Key(parse.apply(text));
  }

  /** {@return what a cell is compared by; the cell is present and not null} */
  public Key key(TableRow row, int index) {
    return key(Objects.requireNonNull(row.text(index)));
  }

  /** Where a value lies in the order of its type. Keys of one order are compared. */
  public static final class Key implements Comparable<Key> {
    private final Comparable<?> value;

    private Key(Comparable<?> value) {
      this.value = value;
    }

    @Override
    @SuppressWarnings("unchecked")
    public int compareTo(Key other) {
      return ((Comparable<Object>) value).compareTo(other.value);
    }
  }
}
