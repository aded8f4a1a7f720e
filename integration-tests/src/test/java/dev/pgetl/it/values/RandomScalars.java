package dev.pgetl.it.values;

import dev.pgetl.data.PgInet;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.it.values.RandomType.Literal;
import dev.pgetl.it.values.RandomType.Text;
import dev.pgetl.wal.Lsn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The scalar types, with the edges of each more often than chance would have it. */
final class RandomScalars {
  private static final int[] NASTY =
      "NULLnull{}[](),;\"'\\ \t\n\r\b\f\u000B\u0001\u007Fé\u0301测🌍\uFFFF=>:/-+.eN"
          .codePoints()
          .toArray();

  private static final List<NonFinite> NON_FINITE = List.of(NonFinite.values());

  private RandomScalars() {}

  /** {@return the types every server has} */
  static List<RandomType> all(int serverMajor) {
    return List.of(
        RandomType.ofText("bool", random -> Text.of(random.nextBoolean())),
        RandomType.ofText("int2", random -> Text.of((short) integer(random))),
        RandomType.ofText("int4", random -> Text.of((int) integer(random))),
        RandomType.ofText("int8", random -> Text.of(integer(random))),
        RandomType.ofText("oid", random -> Text.of(integer(random) & 0xFFFF_FFFFL)),
        RandomType.ofText("xid", random -> Text.of(integer(random) & 0xFFFF_FFFFL)),
        RandomType.ofText("xid8", random -> Text.of(unsigned(integer(random)))),
        RandomType.ofText("float4", random -> Text.of(Float.intBitsToFloat((int) integer(random)))),
        RandomType.ofText("float8", random -> Text.of(Double.longBitsToDouble(integer(random)))),
        RandomType.ofText("numeric", RandomScalars::numeric),
        RandomType.ofText("money", RandomScalars::money),
        RandomType.ofText("text", random -> Text.of(text(random, 40))),
        RandomType.ofText("varchar(12)", random -> Text.of(text(random, 12))),
        RandomType.ofText("char(6)", RandomScalars::padded),
        RandomType.ofText("citext", random -> Text.of(text(random, 20))),
        RandomType.ofText("json", random -> Text.of(json(random, "  "))),
        RandomType.ofText("jsonb", random -> Text.of(json(random, " "))),
        RandomType.ofText("xml", random -> Text.of("<a b=\"" + letters(random) + "\">é<c/></a>")),
        RandomType.ofText("bytea", RandomScalars::bytes),
        RandomType.ofText("uuid", random -> Text.of(new UUID(integer(random), integer(random)))),
        RandomType.ofText("inet", random -> inet(random, false)),
        RandomType.ofText("cidr", random -> inet(random, true)),
        RandomType.ofText("macaddr", random -> Text.of(hex(random, 6, ":"))),
        RandomType.ofText("macaddr8", random -> Text.of(hex(random, 8, ":"))),
        RandomType.ofText("bit(9)", random -> Text.of(bits(random, 9))),
        RandomType.ofText("varbit", random -> Text.of(bits(random, random.nextInt(70)))),
        RandomType.ofText("pg_lsn", random -> Text.of(new Lsn(integer(random)))),
        RandomType.ofText("box", RandomScalars::box),
        RandomType.ofText("int2vector", random -> Text.of(numbers(random, 32_767))),
        new RandomType("hstore", RandomScalars::hstore, false),
        RandomType.ofText("date", RandomTimes::date),
        RandomType.ofText("time", RandomTimes::time),
        RandomType.ofText("timetz", RandomTimes::timetz),
        RandomType.ofText("timestamp", RandomTimes::timestamp),
        RandomType.ofText("timestamptz", RandomTimes::timestamptz),
        RandomType.ofText("interval", random -> RandomTimes.interval(random, serverMajor >= 17)));
  }

  private static long integer(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(-2, 3);
      case 1 -> Long.MIN_VALUE + random.nextInt(-2, 3);
      default -> random.nextLong() >> random.nextInt(64);
    };
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  /** Up to 45 digits before and behind the point; now and then as long as they come. */
  private static Text numeric(RandomGenerator random) {
    if (random.nextInt(10) == 0) {
      return nonFinite(NON_FINITE.get(random.nextInt(NON_FINITE.size())));
    }
    byte[] digits = new byte[random.nextInt(38)];
    random.nextBytes(digits);
    BigDecimal number = new BigDecimal(new BigInteger(1, digits), random.nextInt(45));
    if (random.nextInt(1000) == 0) {
      number = number.scaleByPowerOfTen(random.nextInt(-16_338, 131_027 - number.precision()));
    }
    number = number.scale() < 0 ? number.setScale(0) : number;
    number = random.nextBoolean() ? number.negate() : number;
    return new Text(number, number.toPlainString());
  }

  static Text nonFinite(NonFinite value) {
    return new Text(
        value,
        switch (value) {
          case NAN -> "NaN";
          case POSITIVE_INFINITY -> "infinity";
          case NEGATIVE_INFINITY -> "-infinity";
        });
  }

  /** As the locale C has it. */
  private static Text money(RandomGenerator random) {
    BigDecimal amount = BigDecimal.valueOf(integer(random), 2);
    String digits = String.format(Locale.ROOT, "$%,.2f", amount.abs());
    return Text.of(amount.signum() < 0 ? "-" + digits : digits);
  }

  static String text(RandomGenerator random, int limit) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(limit + 1); i > 0; i--) {
      text.appendCodePoint(codePoint(random));
    }
    return text.toString();
  }

  /** Any character but NUL and the halves of others. */
  private static int codePoint(RandomGenerator random) {
    if (random.nextInt(3) > 0) {
      return NASTY[random.nextInt(NASTY.length)];
    }
    int any = random.nextInt(1, Character.MAX_CODE_POINT + 1);
    return any >= Character.MIN_SURROGATE && any <= Character.MAX_SURROGATE ? 'x' : any;
  }

  private static Text padded(RandomGenerator random) {
    String text = text(random, 6);
    return new Text(text + " ".repeat(6 - text.codePointCount(0, text.length())), text);
  }

  private static String letters(RandomGenerator random) {
    return text(random, 10).replaceAll("[^\\p{L}🌍]", "");
  }

  private static String json(RandomGenerator random, String blank) {
    return "{\"a\":%s[%d,%s\"\\n\\\\\\\"%s\"]}"
        .formatted(" ", integer(random), blank, letters(random));
  }

  private static Text bytes(RandomGenerator random) {
    byte[] bytes = new byte[random.nextInt(40)];
    random.nextBytes(bytes);
    return new Text(ByteBuffer.wrap(bytes), "\\x" + HexFormat.of().formatHex(bytes));
  }

  private static String hex(RandomGenerator random, int length, String delimiter) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return HexFormat.ofDelimiter(delimiter).formatHex(bytes);
  }

  private static String bits(RandomGenerator random, int length) {
    return IntStream.range(0, length)
        .mapToObj(i -> random.nextBoolean() ? "1" : "0")
        .collect(Collectors.joining());
  }

  private static String numbers(RandomGenerator random, int limit) {
    return IntStream.rangeClosed(0, random.nextInt(4))
        .mapToObj(i -> Integer.toString(random.nextInt(-limit, limit + 1)))
        .collect(Collectors.joining(" "));
  }

  private static Text box(RandomGenerator random) {
    int x = random.nextInt(-999, 999);
    int y = random.nextInt(-999, 999);
    return Text.of("(%d,%d),(%d,%d)".formatted(x, y, x - random.nextInt(9), y - random.nextInt(9)));
  }

  /** A network has zeros behind its prefix. */
  private static Text inet(RandomGenerator random, boolean network) {
    byte[] address = new byte[random.nextBoolean() ? 4 : 16];
    int prefix = random.nextInt(address.length * 8 + 1);
    for (int i = 0; i < address.length; i++) {
      int mask = network ? 0xFF00 >> Math.max(0, Math.min(8, prefix - 8 * i)) : 0xFF;
      address[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() & mask : 0);
    }
    boolean v4 = address.length == 4;
    StringJoiner text = new StringJoiner(v4 ? "." : ":", "", "/" + prefix);
    for (int i = 0; i < address.length; i += v4 ? 1 : 2) {
      text.add(
          v4 ? Integer.toString(address[i] & 0xFF) : HexFormat.of().formatHex(address, i, i + 2));
    }
    return new Text(PgInet.of(address, prefix), text.toString());
  }

  private static Literal hstore(RandomGenerator random) {
    Map<String, @Nullable String> entries = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      entries.put(text(random, 9), random.nextInt(4) == 0 ? null : text(random, 9));
    }
    Function<@Nullable String, String> item =
        text -> text == null ? "NULL" : RandomType.quoted(text);
    return new Literal(
        entries,
        "hstore(ARRAY[%s]::text[], ARRAY[%s]::text[])"
            .formatted(
                entries.keySet().stream().map(item).collect(Collectors.joining(",")),
                entries.values().stream().map(item).collect(Collectors.joining(","))));
  }

  /** {@return the order of a server in the locale C; null is no bound and has none} */
  static int compare(Object a, Object b) {
    if (a instanceof Double x && b instanceof Double y) {
      return x.equals(y) || (x == 0 && y == 0) ? 0 : Double.compare(x, y);
    }
    if (rank(a) != 0 || rank(b) != 0) {
      return Integer.compare(rank(a), rank(b));
    }
    if (a instanceof String x && b instanceof String y) {
      return Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
    }
    @SuppressWarnings("unchecked")
    Comparable<Object> left = (Comparable<Object>) a;
    return left.compareTo(b);
  }

  private static int rank(Object value) {
    if (value instanceof EndOfDay || value == NonFinite.POSITIVE_INFINITY) {
      return 1;
    }
    return value == NonFinite.NAN ? 2 : value == NonFinite.NEGATIVE_INFINITY ? -1 : 0;
  }
}
