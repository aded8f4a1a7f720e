package dev.pgetl.internal.value.order;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.codec.ValueCodecs;
import dev.pgetl.internal.value.text.Utf8;
import dev.pgetl.schema.PgType;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The order in which Postgres sorts the values of one type, computed here. Immutable.
 *
 * <p>Only types whose order is the same on every server have one, and text has one only under a
 * condition that the caller checks: it is compared by its bytes in UTF-8. That is the order of the
 * collation {@code C} in a database whose encoding is {@code UTF8}; in another encoding {@code C}
 * compares other bytes.
 *
 * <p>Other types have none, such as {@code bpchar}, which ignores trailing blanks, floating-point
 * types and {@code timetz}.
 */
public final class KeyOrder {
  /** The text form of every key. */
  static final String REDACTED = "Key[redacted]";

  private final Function<String, Key> ofText;
  private final CellReader ofCell;

  private KeyOrder(Function<String, Key> ofText, CellReader ofCell) {
    this.ofText = ofText;
    this.ofCell = ofCell;
  }

  /** Makes the key of a cell. */
  @FunctionalInterface
  private interface CellReader {
    Key read(TableRow row, int index);
  }

  /** {@return the order of a type, for a domain that of its base type; empty if there is none} */
  public static Optional<KeyOrder> of(PgType declared) {
    PgType type = declared.baseType();
    return Optional.ofNullable(type.kind() == PgType.Kind.BASE ? ofBase(type) : null);
  }

  private static @Nullable KeyOrder ofBase(PgType type) {
    return switch ((int) type.oid()) {
      case 17 -> byValue(type, BytesKey::of); // bytea
      case 20, 21, 23, 26 -> whole(type); // int8, int2, int4, oid
      case 25, 1043 -> text(); // text, varchar
      case 1082 -> byValue(type, WholeKey::ofDate);
      case 1083 -> byValue(type, WholeKey::ofTime);
      case 1114 -> byValue(type, WholeKey::ofTimestamp);
      case 1184 -> byValue(type, WholeKey::ofTimestampWithZone);
      case 1700 -> byValue(type, NumericKey::of);
      case 2950 -> byValue(type, UuidKey::of);
      default -> null;
    };
  }

  /** Boxes nothing on the way from the row. */
  private static KeyOrder whole(PgType type) {
    ValueCodec codec = ValueCodecs.of(type);
    return new KeyOrder(
        text -> WholeKey.ofNumber(decode(type, codec, text)),
        (row, index) -> new WholeKey(row.getLong(index)));
  }

  /** Makes no string on the way from the row. */
  private static KeyOrder text() {
    return new KeyOrder(
        text -> new BytesKey(ByteBuffer.wrap(Utf8.encode(text))),
        (row, index) -> new BytesKey(present(row.textBytes(index), row, index)));
  }

  /** Other types: by their natural Java value, or the special one in its place. */
  private static KeyOrder byValue(PgType type, Function<Object, Key> key) {
    ValueCodec codec = ValueCodecs.of(type);
    return new KeyOrder(
        text -> key.apply(decode(type, codec, text)),
        (row, index) -> key.apply(present(row.get(index), row, index)));
  }

  private static Object decode(PgType type, ValueCodec codec, String text) {
    byte[] bytes = Utf8.encode(text);
    try {
      return codec.decode(bytes, 0, bytes.length);
    } catch (MalformedValueException e) {
      throw new IllegalArgumentException(
          "a key of type " + type + " is malformed: expected " + e.expected(), e);
    }
  }

  private static <T> T present(@Nullable T value, TableRow row, int index) {
    if (value == null) {
      throw new IllegalStateException(
          "column " + row.table().column(index).name() + " is null; a key never is");
    }
    return value;
  }

  /**
   * {@return the key of a value}
   *
   * @param text the value as Postgres prints it with the settings of our sessions: {@code DateStyle
   *     = ISO}, {@code bytea_output = hex}; in any time zone
   * @throws IllegalArgumentException if Postgres would not print this text for the type; the
   *     message does not contain it
   */
  public Key key(String text) {
    return ofText.apply(text);
  }

  /**
   * {@return the key of a cell} It may share the bytes of the row, and then keeps them in memory.
   *
   * @param row its column has the type of this order
   * @param index the column
   * @throws IllegalStateException if the cell is absent or null
   * @throws dev.pgetl.error.EtlException of kind {@code SOURCE_DATA} if its bytes are no value of
   *     the type
   */
  public Key key(TableRow row, int index) {
    return ofCell.read(row, index);
  }

  /**
   * A value's place in the order of its type. Only keys of the same order are compared. Immutable.
   *
   * <p>Keys are equal exactly if Postgres takes their values for equal, as it does with the numbers
   * 1.0 and 1.00. The text form contains nothing of the value.
   */
  public sealed interface Key extends Comparable<Key>
      permits BytesKey, NumericKey, UuidKey, WholeKey {}
}
