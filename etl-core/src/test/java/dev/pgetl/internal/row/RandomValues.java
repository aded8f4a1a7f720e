package dev.pgetl.internal.row;

import dev.pgetl.data.PgArray;
import dev.pgetl.data.PgInet;
import dev.pgetl.data.PgInterval;
import dev.pgetl.data.PgRange;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.internal.value.codec.ValueCodecs;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Field;
import dev.pgetl.schema.PgType.Kind;
import dev.pgetl.wal.Lsn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Random types and values of them, the edges more often than chance would have it. */
final class RandomValues {
  private static final List<String> SCALARS =
      List.of(
          "bool",
          "int2",
          "int4",
          "int8",
          "oid",
          "float4",
          "float8",
          "numeric",
          "text",
          "bytea",
          "date",
          "time",
          "timetz",
          "timestamp",
          "timestamptz",
          "interval",
          "uuid",
          "inet",
          "cidr",
          "pg_lsn",
          "xid8",
          "box",
          "hstore",
          "mood",
          "posint");

  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private final Random random;

  RandomValues(long seed) {
    this.random = new Random(seed);
  }

  /** {@return a scalar, or something made of up to {@code depth} more types} */
  PgType type(int depth) {
    int choice = depth == 0 ? 0 : random.nextInt(8);
    return switch (choice) {
      case 4, 5 -> arrayOf(type(depth - 1));
      case 6 -> SampleTypes.user(21_000, "some_range", Kind.RANGE, type(depth - 1));
      case 7 ->
          SampleTypes.composite(
              21_001,
              "some_row",
              IntStream.range(0, random.nextInt(4))
                  .mapToObj(i -> new Field("f" + i, type(depth - 1)))
                  .toArray(Field[]::new));
      default -> SampleTypes.of(SCALARS.get(random.nextInt(SCALARS.size())));
    };
  }

  private PgType arrayOf(PgType element) {
    if (element.kind() == Kind.RANGE && random.nextBoolean()) {
      return SampleTypes.user(21_002, "some_multirange", Kind.MULTIRANGE, element);
    }
    // An array of arrays needs a domain between the two.
    return element.kind() == Kind.ARRAY
        ? SampleTypes.user(21_003, "some_domain", Kind.DOMAIN, element).arrayOf(21_004)
        : element.arrayOf(21_005);
  }

  /** {@return a value as {@code TableRow.get} gives it, or null} */
  @Nullable Object valueOrNull(PgType type) {
    return random.nextInt(8) == 0 ? null : value(type);
  }

  Object value(PgType declared) {
    PgType type = declared.baseType();
    PgType inner = type.inner();
    return switch (type.kind()) {
      case ARRAY -> inner == null ? "" : array(inner);
      case RANGE -> inner == null ? "" : range(inner);
      case MULTIRANGE -> inner == null ? "" : multirange(inner);
      case COMPOSITE -> composite(type);
      default -> scalar(type.name());
    };
  }

  private Object array(PgType element) {
    int length = random.nextInt(4);
    if (length == 0) {
      return List.of();
    }
    int dimensions = 1 + random.nextInt(3);
    List<Integer> bounds = new ArrayList<>();
    boolean shifted = random.nextInt(4) == 0;
    for (int i = 0; i < dimensions; i++) {
      bounds.add(shifted ? random.nextInt(-5, 6) : 1);
    }
    PgArray array = new PgArray(bounds, lists(element, length, dimensions));
    boolean lists = ValueCodecs.of(element).javaType() == List.class;
    boolean plain = bounds.stream().allMatch(bound -> bound == 1) && (dimensions == 1 || !lists);
    return plain ? array.elements() : array;
  }

  private List<@Nullable Object> lists(PgType element, int length, int dimensions) {
    List<@Nullable Object> elements = new ArrayList<>();
    int inner = 1 + random.nextInt(3);
    for (int i = 0; i < length; i++) {
      elements.add(dimensions == 1 ? valueOrNull(element) : row(element, inner, dimensions - 1));
    }
    return elements;
  }

  /** All rows of a dimension have one length, so those below the second have one element here. */
  private List<@Nullable Object> row(PgType element, int length, int dimensions) {
    List<@Nullable Object> elements = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      elements.add(dimensions == 1 ? valueOrNull(element) : row(element, 1, dimensions - 1));
    }
    return elements;
  }

  private PgRange<Object> range(PgType subtype) {
    return random.nextInt(6) == 0 ? PgRange.empty() : boundedRange(subtype);
  }

  private PgRange<Object> boundedRange(PgType subtype) {
    Object lower = valueOrNull(subtype);
    Object upper = valueOrNull(subtype);
    return new PgRange<>(
        lower,
        lower != null && random.nextBoolean(),
        upper,
        upper != null && random.nextBoolean(),
        false);
  }

  private List<PgRange<Object>> multirange(PgType range) {
    PgType subtype = range.inner();
    return subtype == null
        ? List.of()
        : IntStream.range(0, random.nextInt(3)).mapToObj(i -> boundedRange(subtype)).toList();
  }

  private Map<String, @Nullable Object> composite(PgType type) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    type.fields().forEach(field -> fields.put(field.name(), valueOrNull(field.type())));
    return fields;
  }

  private Object scalar(String name) {
    return switch (name) {
      case "bool" -> random.nextBoolean();
      case "int2" -> (short) integer();
      case "int4" -> (int) integer();
      case "int8" -> integer();
      case "oid" -> integer() & 0xFFFF_FFFFL;
      case "float4" -> Float.intBitsToFloat((int) integer());
      case "float8" -> Double.longBitsToDouble(integer());
      case "numeric" -> numeric();
      case "bytea" -> bytes();
      case "date", "timestamp", "timestamptz", "time", "timetz", "interval" -> dateTime(name);
      case "uuid" -> new UUID(integer(), integer());
      case "inet" -> inet(false);
      case "cidr" -> inet(true);
      case "pg_lsn" -> new Lsn(integer());
      case "xid8" -> new BigInteger(64, random);
      case "hstore" -> hstore();
      default -> text();
    };
  }

  private long integer() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(-2, 3);
      case 1 -> Long.MIN_VALUE + random.nextInt(-2, 3);
      default -> random.nextLong() >> random.nextInt(64);
    };
  }

  private Object numeric() {
    if (random.nextInt(10) == 0) {
      return List.of(NonFinite.values()).get(random.nextInt(3));
    }
    return new BigDecimal(new BigInteger(random.nextInt(300), random), random.nextInt(45))
        .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1));
  }

  private ByteBuffer bytes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  /** A network has zeros behind its prefix. */
  private PgInet inet(boolean network) {
    byte[] address = new byte[random.nextBoolean() ? 4 : 16];
    int prefix = random.nextInt(address.length * 8 + 1);
    for (int i = 0; i < address.length; i++) {
      int mask = network ? 0xFF00 >> Math.max(0, Math.min(8, prefix - 8 * i)) : 0xFF;
      address[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() & mask : 0);
    }
    return PgInet.of(address, prefix);
  }

  private Object dateTime(String name) {
    boolean special = random.nextInt(10) == 0;
    if (special && !name.startsWith("time")) {
      return random.nextBoolean() ? NonFinite.POSITIVE_INFINITY : NonFinite.NEGATIVE_INFINITY;
    }
    ZoneOffset offset = ZoneOffset.ofTotalSeconds(random.nextInt(-57_599, 57_600));
    LocalDate date =
        LocalDate.of(random.nextInt(-4_711, 294_277), 1, 1).plusDays(random.nextInt(365));
    LocalTime time = LocalTime.ofNanoOfDay(random.nextLong(MICROS_PER_DAY) * 1_000);
    return switch (name) {
      case "date" -> date;
      case "time" -> special ? new EndOfDay(null) : time;
      case "timetz" -> special ? new EndOfDay(offset) : time.atOffset(offset);
      case "timestamp" -> date.atTime(time);
      case "timestamptz" -> date.atTime(time).atOffset(ZoneOffset.UTC);
      default -> new PgInterval((int) integer(), (int) integer(), integer());
    };
  }

  private Map<String, @Nullable Object> hstore() {
    Map<String, @Nullable Object> entries = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      entries.put(text(), random.nextInt(4) == 0 ? null : text());
    }
    return entries;
  }

  private String text() {
    String nasty = "NULLnull{}[](),;\"'\\ \t\n\r\b\f\u000B\u0001\u007Fé测🌍=>:/-+.eN";
    int[] letters = nasty.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }
}
