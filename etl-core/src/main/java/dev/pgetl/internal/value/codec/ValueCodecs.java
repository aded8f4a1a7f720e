package dev.pgetl.internal.value.codec;

import dev.pgetl.data.PgInet;
import dev.pgetl.data.PgInterval;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.binary.BinaryBytes;
import dev.pgetl.internal.value.binary.BinaryNumbers;
import dev.pgetl.internal.value.binary.BinaryTimes;
import dev.pgetl.internal.value.text.DateTimeText;
import dev.pgetl.internal.value.text.HexText;
import dev.pgetl.internal.value.text.NumericText;
import dev.pgetl.internal.value.text.SpecialText;
import dev.pgetl.internal.value.text.Utf8;
import dev.pgetl.schema.PgType;
import dev.pgetl.wal.Lsn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.function.Function;

/**
 * Which codec a type has: built-in types by OID, {@code hstore} by name, all others by what they
 * are made of. A type that is not known, or has no Java value of its own, is delivered as text.
 */
public final class ValueCodecs {
  private static final int FIRST_USER_OID = 16_384;

  private static final ValueCodec TEXT = TextCodec.PLAIN;

  private static final ValueCodec BOOLEAN =
      ScalarCodec.of(
          Boolean.class,
          SpecialText.NONE,
          ValueCodecs::readBoolean,
          BinaryNumbers::bool,
          (text, value) -> text.append(value ? 't' : 'f'));

  private static final ValueCodec NUMERIC =
      new ScalarCodec(
          BigDecimal.class,
          SpecialText.NUMERIC,
          NumericText::numeric,
          BinaryNumbers::numeric,
          NumericText::appendNumeric);

  private static final ValueCodec UNSIGNED8 =
      ScalarCodec.of(
          BigInteger.class,
          SpecialText.NONE,
          NumericText::unsigned8,
          BinaryNumbers::unsigned8,
          NumericText::appendUnsigned8);

  public static final ValueCodec BYTEA =
      new ScalarCodec(
          ByteBuffer.class,
          SpecialText.NONE,
          HexText::byteBuffer,
          BinaryBytes::byteBuffer,
          HexText::appendBytea);

  /** {@link #BYTEA} in another class. */
  public static final ValueCodec BYTE_ARRAY =
      new ScalarCodec(
          byte[].class, SpecialText.NONE, HexText::bytea, BinaryBytes::bytea, HexText::appendBytea);

  private static final ValueCodec UUID =
      ScalarCodec.of(
          UUID.class, SpecialText.NONE, HexText::uuid, BinaryBytes::uuid, StringBuilder::append);

  private static final ValueCodec LSN =
      ScalarCodec.of(
          Lsn.class, SpecialText.NONE, HexText::lsn, BinaryNumbers::lsn, StringBuilder::append);

  private static final ValueCodec DATE =
      ScalarCodec.of(
          LocalDate.class,
          SpecialText.INFINITY,
          DateTimeText::date,
          BinaryTimes::date,
          DateTimeText::append);

  private static final ValueCodec TIME =
      ScalarCodec.of(
          LocalTime.class,
          SpecialText.END_OF_DAY,
          DateTimeText::time,
          BinaryTimes::time,
          DateTimeText::append);

  private static final ValueCodec TIMETZ =
      ScalarCodec.of(
          OffsetTime.class,
          SpecialText.END_OF_DAY_WITH_OFFSET,
          DateTimeText::offsetTime,
          BinaryTimes::offsetTime,
          DateTimeText::append);

  private static final ValueCodec TIMESTAMP =
      ScalarCodec.of(
          LocalDateTime.class,
          SpecialText.INFINITY,
          DateTimeText::timestamp,
          BinaryTimes::timestamp,
          DateTimeText::append);

  public static final ValueCodec TIMESTAMPTZ =
      new ScalarCodec(
          OffsetDateTime.class,
          SpecialText.INFINITY,
          DateTimeText::timestampWithZone,
          BinaryTimes::timestampWithZone,
          ValueCodecs::appendTimestampWithZone);

  /** {@link #TIMESTAMPTZ} in another class. */
  public static final ValueCodec INSTANT =
      new ScalarCodec(
          Instant.class,
          SpecialText.INFINITY,
          DateTimeText::instant,
          BinaryTimes::instant,
          ValueCodecs::appendTimestampWithZone);

  private static final ValueCodec INTERVAL =
      ScalarCodec.of(
          PgInterval.class,
          SpecialText.INFINITY,
          parsed(PgInterval::parse, "an interval as in 1 mon -2 days 03:04:05"),
          BinaryTimes::interval,
          StringBuilder::append);

  private static final ScalarCodec.Reader READ_INET =
      parsed(PgInet::parse, "an address as in 192.0.2.0/24 or 2001:db8::1");

  private static final ValueCodec INET =
      ScalarCodec.of(
          PgInet.class, SpecialText.NONE, READ_INET, BinaryBytes::inet, StringBuilder::append);

  private static final ValueCodec CIDR =
      ScalarCodec.of(
          PgInet.class,
          SpecialText.NONE,
          READ_INET,
          BinaryBytes::inet,
          (text, value) -> text.append(value.toCidrString()));

  private static final ValueCodec MACADDR = printed(BinaryBytes::macaddr);
  private static final ValueCodec MACADDR8 = printed(BinaryBytes::macaddr8);
  private static final ValueCodec BITS = printed(BinaryBytes::bits);
  private static final ValueCodec SINGLE_BYTE =
      ScalarCodec.of(
          String.class,
          SpecialText.NONE,
          ValueCodecs::readSingleByte,
          BinaryBytes::singleByte,
          StringBuilder::append);

  private static final ValueCodec HSTORE = new HstoreCodec();

  private ValueCodecs() {}

  /** {@return how this type's text becomes values} */
  public static ValueCodec of(PgType declared) {
    PgType type = declared.baseType();
    PgType inner = type.inner();
    return switch (type.kind()) {
      case BASE -> ofBase(type);
      case ARRAY -> inner == null ? TextCodec.TEXT_ONLY : new ArrayCodec(of(inner), inner);
      case RANGE -> inner == null ? TextCodec.TEXT_ONLY : new RangeCodec(of(inner));
      case MULTIRANGE ->
          inner != null && of(inner) instanceof RangeCodec range
              ? new RangeCodec.Multi(range)
              : TextCodec.TEXT_ONLY;
      case COMPOSITE ->
          new CompositeCodec(
              type.fields().stream().map(PgType.Field::name).toList(),
              type.fields().stream().map(field -> of(field.type())).toList());
      case ENUM -> TEXT;
      case DOMAIN, UNKNOWN -> TextCodec.TEXT_ONLY;
    };
  }

  private static ValueCodec ofBase(PgType type) {
    if (type.oid() >= FIRST_USER_OID) {
      return type.name().equals("hstore") ? HSTORE : TextCodec.TEXT_ONLY;
    }
    return switch ((int) type.oid()) {
      case 16 -> BOOLEAN;
      case 17 -> BYTEA;
      case 18 -> SINGLE_BYTE; // "char"
      case 19, 25, 114, 142, 1042, 1043 -> TEXT; // name, text, json, xml, char(n), varchar
      case 20 -> IntegerCodec.INT8;
      case 21 -> IntegerCodec.INT2;
      case 23 -> IntegerCodec.INT4;
      case 26, 28, 29 -> IntegerCodec.UNSIGNED4; // oid, xid, cid
      case 650 -> CIDR;
      case 700 -> FloatCodec.FLOAT4;
      case 701 -> FloatCodec.FLOAT8;
      case 774 -> MACADDR8;
      case 829 -> MACADDR;
      case 869 -> INET;
      case 1082 -> DATE;
      case 1083 -> TIME;
      case 1114 -> TIMESTAMP;
      case 1184 -> TIMESTAMPTZ;
      case 1186 -> INTERVAL;
      case 1266 -> TIMETZ;
      case 1560, 1562 -> BITS; // bit, varbit
      case 1700 -> NUMERIC;
      case 2950 -> UUID;
      case 3220 -> LSN;
      case 3802, 4072 -> TextCodec.VERSIONED; // jsonb, jsonpath
      case 5069 -> UNSIGNED8; // xid8
      default -> TextCodec.TEXT_ONLY;
    };
  }

  /** A type whose value is its text, and whose binary form is not. */
  private static ValueCodec printed(ScalarCodec.Reader binaryReader) {
    return ScalarCodec.of(
        String.class, SpecialText.NONE, Utf8::decode, binaryReader, StringBuilder::append);
  }

  /** Postgres 14 sends a {@code "char"} that is not ASCII as that byte, later ones print it. */
  private static String readSingleByte(byte[] bytes, int from, int to) {
    return to - from == 1 ? BinaryBytes.singleByte(bytes, from, to) : Utf8.decode(bytes, from, to);
  }

  private static Boolean readBoolean(byte[] bytes, int from, int to) {
    if (to - from != 1 || (bytes[from] != 't' && bytes[from] != 'f')) {
      throw new MalformedValueException("t or f");
    }
    return bytes[from] == 't';
  }

  private static void appendTimestampWithZone(StringBuilder text, Object value) {
    if (value instanceof OffsetDateTime timestamp) {
      DateTimeText.append(text, timestamp);
    } else if (value instanceof Instant instant) {
      DateTimeText.append(text, instant.atOffset(ZoneOffset.UTC));
    } else {
      throw ValueCodec.unfit(value, OffsetDateTime.class);
    }
  }

  /** Reads by way of a String, for types that are rare and have a public parser. */
  private static ScalarCodec.Reader parsed(Function<String, Object> parser, String expected) {
    return (bytes, from, to) -> {
      try {
        return parser.apply(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
      } catch (IllegalArgumentException e) {
        throw new MalformedValueException(expected);
      }
    };
  }
}
