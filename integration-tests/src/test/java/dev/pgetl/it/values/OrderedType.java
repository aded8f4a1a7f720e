package dev.pgetl.it.values;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A type whose order Java and the server share, and where orders could part.
 *
 * @param sql its name
 * @param edges texts of values: the extremes, and what another order would confuse
 * @param near makes texts of values that lie close together, often equal ones
 */
record OrderedType(String sql, List<String> edges, Function<RandomGenerator, String> near) {
  private static final long[] HALVES = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE};
  private static final String[] BYTES = {"00", "01", "5c", "7f", "80", "ff"};

  /** What UTF-16, signed bytes, padding and the languages order in another way. */
  private static final String TEXTS =
      """
      ;a;A;B;b;ab;a-b;aB;Z;_;~;10;9;NULL;i;I;\u0131;\u0130;\u007F;\u0080;\u00E9;e\u0301;\u00DF;ss\
      ;\u07FF;\u0800;\uD7FF;\uE000;\uFFFD;\uFFFE;\uFFFF;\uD800\uDC00;\uD83C\uDF0D;\uDBFF\uDFFF\
      ; ;  ;a ;a  ;a\t;a\u0001;a b;';\\\
      """;

  private static final String NUMERICS =
      """
      NaN;-Infinity;Infinity;0;0.0;-0.000;1;1.0;1.00;-1;-1.000;9999.9999;10000;0.0001;0.00010\
      ;9223372036854775807;9223372036854775808.0;1e131071;-1e131071;1e-16383;-1e-16383;1e-16382\
      ;123456789012345678901234567890.1;123456789012345678901234567890.10\
      """;

  private static final String DATES =
      """
      infinity;-infinity;4714-11-24 BC;4713-01-01 BC;0044-03-15 BC;0001-02-29 BC;0001-12-31 BC\
      ;0001-01-01;1582-10-04;1582-10-15;1969-12-31;1970-01-01;1999-12-31;9999-12-31;10000-01-01\
      ;99999-12-31;100000-01-01;294277-01-01;5874897-12-31\
      """;

  private static final String TIMESTAMPS =
      """
      infinity;-infinity;4714-11-24 00:00:00+00 BC;4714-11-24 00:00:00.000001+00 BC\
      ;0001-12-31 23:59:59.999999+00 BC;0001-01-01 00:00:00+00;1969-12-31 23:59:59.999999+00\
      ;1970-01-01 00:00:00+00;1999-12-31 23:59:59.999999+00;2000-01-01 00:00:00+00\
      ;9999-12-31 23:59:59+00;10000-01-01 00:00:00+00;294247-01-10 04:00:54.775807+00\
      ;294276-12-31 23:59:59.999998+00;294276-12-31 23:59:59.999999+00\
      """;

  private static final String ZONED =
      """
      ;1883-11-18 12:03:57-04:56:02;1883-11-18 12:03:58-05;1970-01-01 05:30:00+05:30\
      ;2000-01-01 15:59:59+15:59:59;1999-12-31 08:00:01-15:59:59;2024-11-03 01:30:00-04\
      ;2024-11-03 01:30:00-05\
      """;

  @Override
  public String toString() {
    return sql;
  }

  /** {@return all of them} */
  static List<OrderedType> all() {
    return List.of(
        of("int2", OrderedType::small, "-32768;-32767;9;10;99;100;32766;32767"),
        of("int4", OrderedType::small, "-2147483648;-2147483647;9;10;2147483646;2147483647"),
        of(
            "int8",
            random -> Long.toString((1L << 32) + random.nextInt(-3, 4)),
            """
            -9223372036854775808;-9223372036854775807;-4294967296;-1;0;1;9;10\
            ;9223372036854775806;9223372036854775807\
            """),
        of(
            "oid",
            random -> Long.toString((1L << 31) + random.nextInt(-3, 4)),
            "0;1;9;10;2147483647;2147483648;4294967294;4294967295"),
        of(
            "uuid",
            random -> new UUID(half(random), half(random)).toString(),
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11;a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        of("bytea", OrderedType::bytes, "\\x;\\x0000;\\x00ff;\\x7fff;\\xffff;\\xff00"),
        of("numeric", OrderedType::decimal, NUMERICS),
        of("date", random -> "2000-01-0" + random.nextInt(1, 5) + era(random), DATES),
        of(
            "time",
            random -> "12:00:00.00000" + random.nextInt(10),
            """
            00:00:00;00:00:00.000001;00:00:00.1;00:00:00.10;09:59:59;23:59:59.999999;23:59:60\
            ;24:00:00\
            """),
        of(
            "timestamp",
            random -> "2000-01-01 00:00:00.00000" + random.nextInt(10) + era(random),
            TIMESTAMPS + ";1999-12-31 24:00:00"),
        of("timestamptz", OrderedType::zoned, TIMESTAMPS + ZONED),
        of("text", random -> RandomScalars.text(random, 3), TEXTS),
        of("varchar(12)", random -> RandomScalars.text(random, 3), TEXTS));
  }

  private static OrderedType of(String sql, Function<RandomGenerator, String> near, String edges) {
    return new OrderedType(sql, List.of(edges.split(";", -1)), near);
  }

  private static String small(RandomGenerator random) {
    return Integer.toString(random.nextInt(-3, 4));
  }

  private static long half(RandomGenerator random) {
    return HALVES[random.nextInt(HALVES.length)];
  }

  private static String bytes(RandomGenerator random) {
    StringBuilder text = new StringBuilder("\\x");
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(BYTES[random.nextInt(BYTES.length)]);
    }
    return text.toString();
  }

  private static String decimal(RandomGenerator random) {
    return BigDecimal.valueOf(random.nextInt(-300, 301), random.nextInt(4)).toPlainString();
  }

  /** Few instants, each in many zones. */
  private static String zoned(RandomGenerator random) {
    int hour = random.nextInt(3, 16);
    return "2000-01-01 %02d:00:00+%02d".formatted(hour, hour - random.nextInt(4)) + era(random);
  }

  private static String era(RandomGenerator random) {
    return random.nextBoolean() ? " BC" : "";
  }
}
