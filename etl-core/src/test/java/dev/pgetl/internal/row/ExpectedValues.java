package dev.pgetl.internal.row;

import static dev.pgetl.data.SpecialValue.NonFinite.NAN;
import static dev.pgetl.data.SpecialValue.NonFinite.NEGATIVE_INFINITY;
import static dev.pgetl.data.SpecialValue.NonFinite.POSITIVE_INFINITY;

import dev.pgetl.data.PgArray;
import dev.pgetl.data.PgInet;
import dev.pgetl.data.PgInterval;
import dev.pgetl.data.PgRange;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.wal.Lsn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The Java value of each line of {@code types.jsonl}, by its number. */
public final class ExpectedValues {
  private final Map<Integer, Object> values = new HashMap<>();

  public ExpectedValues() {
    booleansAndIntegers();
    floatingPoint();
    numeric();
    money();
    text();
    bytea();
    dates();
    times();
    timestamps();
    intervals();
    uuidAndDocuments();
    networkAddresses();
    bitStrings();
    ranges();
    textSearch();
    systemIdentifiers();
    catalogueTypes();
    geometry();
    userTypes();
    extensionTypes();
    arraysOfNumbersAndText();
    arraysOfDatesAndTimes();
    otherArrays();
  }

  public Object of(int number) {
    Object value = values.get(number);
    if (value == null) {
      throw new AssertionError("no value stands here for line " + number);
    }
    return value;
  }

  private void expect(int number, Object value) {
    values.put(number, value);
  }

  private void booleansAndIntegers() {
    expect(0, true);
    expect(1, false);
    expect(2, (short) -32768);
    expect(3, (short) 32767);
    expect(4, -2147483648);
    expect(5, 2147483647);
    expect(6, -9223372036854775808L);
    expect(7, 9223372036854775807L);
    expect(8, (short) 0);
    expect(9, 0L);
    expect(10, 4294967295L);
  }

  private void floatingPoint() {
    expect(11, Float.MAX_VALUE);
    expect(12, Float.MIN_VALUE);
    expect(13, Float.NaN);
    expect(14, Float.POSITIVE_INFINITY);
    expect(15, Float.NEGATIVE_INFINITY);
    expect(16, -0.0f);
    expect(17, 0.1f);
    expect(18, 1e20f);
    expect(19, 1.6777216e07f);
    expect(20, Double.MAX_VALUE);
    expect(21, Double.MIN_VALUE);
    expect(22, Double.NaN);
    expect(23, Double.POSITIVE_INFINITY);
    expect(24, Double.NEGATIVE_INFINITY);
    expect(25, -0.0d);
    expect(26, 0.1d);
    expect(27, 1e15d);
    expect(28, 1e16d);
    expect(29, 1.2345678901234568e17d);
    expect(30, 0.30000000000000004d);
  }

  private void numeric() {
    expect(31, NAN);
    expect(32, POSITIVE_INFINITY);
    expect(33, NEGATIVE_INFINITY);
    expect(34, decimal("0"));
    expect(35, decimal("0.00"));
    expect(36, decimal("0.00"));
    expect(37, decimal("0.000000"));
    expect(38, decimal("1.10"));
    expect(39, decimal("1.5000"));
    expect(40, decimal("12300"));
    expect(41, decimal("0.00999"));
    expect(42, decimal("10000000000"));
    expect(43, decimal("123456789012345678901234567890.123456789012345678901234567890"));
    expect(44, decimal("0.0012000"));
    expect(45, decimal("99999999999999999999999999999999999999"));
    expect(46, new BigDecimal(BigInteger.TEN.pow(131_071), 0));
    expect(47, new BigDecimal(BigInteger.ONE, 16_383));
  }

  private void money() {
    expect(48, "$12.34");
    expect(49, "-$0.01");
    expect(50, "$1,234,567.89");
    expect(51, "$92,233,720,368,547,758.07");
    expect(52, "-$92,233,720,368,547,758.08");
  }

  private void text() {
    expect(53, "");
    expect(54, "hello");
    expect(55, "\\N");
    expect(56, "a\\Nb");
    expect(57, "tab\there");
    expect(58, "nl\nx");
    expect(59, "cr\rx");
    expect(60, "bs\\x");
    expect(61, "\b\fv");
    expect(62, "NULL");
    expect(63, "null");
    expect(64, " lead trail ");
    expect(65, "🌍 测试");
    expect(66, "e\u0301");
    expect(67, "\u0001\u007f");
    expect(68, "\\.");
    expect(69, "{a,b}");
    expect(70, "\"q\"");
    expect(71, "varchar");
    expect(72, "ab ");
    expect(73, "ab   ");
    expect(74, " ");
    expect(75, "x");
    expect(76, "");
    expect(77, "\\377");
    expect(78, "pg_name");
    expect(79, "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
    expect(80, "MiXed");
  }

  private void bytea() {
    expect(81, bytes());
    expect(82, bytes(0x00, 0xff));
    expect(83, bytes(0x01, 0x02, 0xff));
    expect(84, bytes(0xde, 0xad, 0xbe, 0xef));
    expect(85, bytes(0x5c));
  }

  private void dates() {
    expect(86, LocalDate.of(2026, 1, 2));
    expect(87, POSITIVE_INFINITY);
    expect(88, NEGATIVE_INFINITY);
    expect(89, LocalDate.of(-43, 3, 15));
    expect(90, LocalDate.of(-4712, 1, 1));
    expect(91, LocalDate.of(1, 1, 1));
    expect(92, LocalDate.of(0, 12, 31));
    expect(93, LocalDate.of(9999, 12, 31));
    expect(94, LocalDate.of(10000, 1, 1));
    expect(95, LocalDate.of(5874897, 12, 31));
    expect(96, LocalDate.of(2000, 2, 29));
    expect(97, LocalDate.of(1582, 10, 10));
    expect(98, LocalDate.of(4, 2, 29));
  }

  private void times() {
    expect(99, LocalTime.parse("00:00:00"));
    expect(100, new EndOfDay(null));
    expect(101, LocalTime.parse("23:59:59.999999"));
    expect(102, LocalTime.parse("12:30:45.1"));
    expect(103, LocalTime.parse("12:30:45.1"));
    expect(104, LocalTime.parse("12:30:46"));
    expect(105, new EndOfDay(null));
    expect(106, LocalTime.parse("12:30:45.123456").atOffset(ZoneOffset.of("+02")));
    expect(107, new EndOfDay(ZoneOffset.ofHours(2)));
    expect(108, LocalTime.parse("00:00:00").atOffset(ZoneOffset.of("+15:59:59")));
    expect(109, LocalTime.parse("00:00:00").atOffset(ZoneOffset.of("-15:59:59")));
    expect(110, LocalTime.parse("12:00:00").atOffset(ZoneOffset.of("+05:30")));
    expect(111, LocalTime.parse("12:00:00").atOffset(ZoneOffset.of("+00")));
  }

  private void timestamps() {
    expect(112, local(2026, 1, 2, "03:04:05"));
    expect(113, local(2026, 1, 2, "03:04:05.123456"));
    expect(114, local(2026, 1, 2, "03:04:05.1"));
    expect(115, POSITIVE_INFINITY);
    expect(116, NEGATIVE_INFINITY);
    expect(117, local(-43, 3, 15, "12:00:00"));
    expect(118, local(-4712, 1, 1, "00:00:00"));
    expect(119, local(294276, 12, 31, "23:59:59.999999"));
    expect(120, local(10000, 1, 1, "00:00:00"));
    expect(121, local(2026, 1, 2, "03:04:05.123"));
    expect(122, local(2000, 1, 1, "00:00:00"));
    expect(123, local(2017, 1, 1, "00:00:00"));
    expect(124, utc(2026, 1, 2, "03:04:05.123456"));
    expect(125, utc(2026, 1, 1, "21:34:05"));
    expect(126, POSITIVE_INFINITY);
    expect(127, NEGATIVE_INFINITY);
    expect(128, utc(-43, 3, 15, "12:00:00"));
    expect(129, utc(294276, 12, 31, "23:59:59.999999"));
    expect(130, utc(1800, 1, 1, "00:00:00"));
    expect(131, utc(1, 1, 1, "00:00:00"));
  }

  private void intervals() {
    expect(132, new PgInterval(0, 1, 7384000000L));
    expect(133, new PgInterval(14, 3, 14706789000L));
    expect(134, new PgInterval(-14, 3, -14706000000L));
    expect(135, new PgInterval(0, 0, 0L));
    expect(136, new PgInterval(1, 0, 0L));
    expect(137, new PgInterval(2136000000, 0, 0L));
    expect(138, new PgInterval(-2136000000, 0, 0L));
    expect(139, new PgInterval(0, 1, -1000000L));
    expect(140, new PgInterval(0, 0, 1L));
    expect(141, new PgInterval(0, 0, 360000000000L));
    expect(142, new PgInterval(0, 0, 5400000000L));
  }

  private void uuidAndDocuments() {
    expect(143, UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
    expect(144, UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
    expect(145, UUID.fromString("00000000-0000-0000-0000-000000000000"));
    expect(146, " {\"b\" : 1,  \"a\":2, \"a\":3} ");
    expect(147, "1e309");
    expect(148, "null");
    expect(149, "\"\\u0000\"");
    expect(150, "{\"a\": 3, \"b\": 1}");
    expect(151, "1" + "0".repeat(309));
    expect(152, "null");
    expect(153, "123456789012345678901234567890.10");
    expect(154, "\"é \\n\"");
    expect(155, "\"str\"");
    expect(156, "[]");
    expect(157, "$.\"a\"[*]?(@ > 2)");
    expect(158, "<root a=\"1\"/>");
    expect(159, "<a>x</a>");
  }

  private void networkAddresses() {
    expect(160, inet(32, 0xc0, 0, 2, 1));
    expect(161, inet(24, 0xc0, 0, 2, 1));
    expect(162, inet(32, 0xc0, 0, 2, 1));
    expect(163, inet(128, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    expect(164, inet(128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4));
    expect(165, inet(64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    expect(166, inet(24, 0xc0, 0, 2, 0));
    expect(167, inet(32, 0xc0, 0, 2, 1));
    expect(168, inet(32, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(169, inet(8, 0xa, 0, 0, 0));
    expect(170, "aa:bb:cc:dd:ee:ff");
    expect(171, "08:00:2b:01:02:03:04:05");
    expect(172, "08:00:2b:ff:fe:01:02:03");
  }

  private void bitStrings() {
    expect(173, "101");
    expect(174, "0");
    expect(175, "10101");
    expect(176, "");
  }

  private void ranges() {
    expect(177, halfOpen(1, 5));
    expect(178, halfOpen(1, 6));
    expect(179, PgRange.empty());
    expect(180, new PgRange<>(null, false, null, false, false));
    expect(181, halfOpen(1, null));
    expect(182, new PgRange<>(decimal("1.0"), true, decimal("2.5"), true, false));
    expect(183, halfOpen(LocalDate.of(2026, 1, 1), LocalDate.of(2026, 2, 1)));
    expect(
        184,
        halfOpen(
            LocalDateTime.parse("2026-01-01T00:00:00"),
            LocalDateTime.parse("2026-01-02T00:00:00")));
    expect(185, halfOpen(OffsetDateTime.parse("2026-01-01T00:00:00Z"), null));
    expect(186, halfOpen(-9223372036854775808L, 9223372036854775807L));
    expect(
        187,
        List.of(
            halfOpen(decimal("1.0"), decimal("2.0")), halfOpen(decimal("3.0"), decimal("4.0"))));
    expect(188, List.of());
    expect(189, List.of(halfOpen(LocalDate.of(2026, 1, 1), LocalDate.of(2026, 1, 2))));
    expect(236, halfOpen(1.5, 2.5));
  }

  private void textSearch() {
    expect(190, "'cat':3 'fat':2 'sat':4");
    expect(191, "'joe''s':1A");
    expect(192, "'fat' & ( 'rat' | 'cat' ) & !'dog'");
  }

  private void systemIdentifiers() {
    expect(193, new Lsn(0L));
    expect(194, new Lsn(97500059720L));
    expect(195, new Lsn(-1L));
    expect(196, 4294967295L);
    expect(197, new BigInteger("18446744073709551615"));
    expect(198, 1L);
    expect(199, "(0,1)");
    expect(200, "10:20:10,14,15");
    expect(201, "10:20:10,14,15");
  }

  private void catalogueTypes() {
    expect(202, "pg_class");
    expect(203, "integer");
    expect(204, "now");
    expect(205, "now()");
    expect(206, "postgres");
    expect(207, "public");
    expect(208, "english");
    expect(209, "1 2 3");
    expect(210, "4 5 6");
    expect(211, "postgres=r/postgres");
    expect(212, "cur");
  }

  private void geometry() {
    expect(213, "(1.5,-2)");
    expect(214, "[(0,0),(1,1)]");
    expect(215, "(1,1),(0,0)");
    expect(216, "[(0,0),(1,1),(2,0)]");
    expect(217, "((0,0),(1,1))");
    expect(218, "((0,0),(1,1),(2,0))");
    expect(219, "{1,-1,0}");
    expect(220, "<(0,0),2.5>");
  }

  private void userTypes() {
    expect(221, "sad");
    expect(222, "it's \"odd\", {yes}");
    expect(223, 5);
    expect(224, "a@b.c");
    expect(225, List.of(1, 2));
    expect(226, map("street", "12 Main St", "unit", null, "zip", 90210));
    expect(227, map("street", "a \"b\", (c)", "unit", "", "zip", null));
    expect(228, map("a", map("street", "x", "unit", "y", "zip", 1), "ns", List.of(1, 2)));
  }

  private void extensionTypes() {
    expect(229, map("a", "1", "b", null, "c d", "e\"f"));
    expect(230, Map.of());
    expect(231, "Top.Science.Astronomy");
    expect(232, "*.Astronomy.*");
    expect(233, "(1, 2),(3, 4)");
    expect(234, "1.5 .. 2.5");
    expect(235, "0-393-04002-X");
  }

  private void arraysOfNumbersAndText() {
    expect(237, list(true, false, null));
    expect(238, list());
    expect(239, list(1, null, 3));
    expect(240, Collections.singletonList(null));
    expect(241, List.of(List.of(1, 2), List.of(3, 4)));
    expect(242, new PgArray(List.of(0), List.of(7, 8)));
    expect(243, new PgArray(List.of(-3), list(7, null)));
    expect(244, new PgArray(List.of(1, 0), List.of(List.of(1, 2), List.of(3, 4))));
    expect(245, List.of(List.of(List.of(1), List.of(2)), List.of(List.of(3), List.of(4))));
    expect(246, list("a", null, "NULL", "null", ""));
    expect(247, list("a,b", "c\\\"d", "e\\f", "g h", "{i}", "tab\t", "nl\n"));
    expect(248, List.of(list("a", null), List.of("b", "c")));
    expect(249, list("é", "测试"));
    expect(250, list("left", null));
    expect(251, list("ab ", null));
    expect(252, list("a", null));
    expect(253, list("n"));
    expect(254, list(NAN, POSITIVE_INFINITY, NEGATIVE_INFINITY, decimal("1.50"), null));
    expect(
        255,
        list(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0d, 1.5d, null));
    expect(256, list("$12.34", null, "-$0.01", "$1,234.56"));
  }

  private void arraysOfDatesAndTimes() {
    expect(257, list(bytes(0x00), null, bytes(0x01, 0x02), bytes()));
    expect(258, list(LocalDate.of(2026, 1, 2), null, POSITIVE_INFINITY, LocalDate.of(-43, 3, 15)));
    expect(259, list(LocalTime.parse("12:30:00"), new EndOfDay(null)));
    expect(260, list(LocalTime.parse("12:30:45.123456").atOffset(ZoneOffset.of("+02")), null));
    expect(261, list(local(2026, 1, 2, "03:04:05.123456"), null, POSITIVE_INFINITY));
    expect(262, list(utc(2026, 1, 2, "03:04:05.123456"), null, NEGATIVE_INFINITY));
    expect(
        263,
        list(
            new PgInterval(0, 1, 0L),
            null,
            new PgInterval(0, 0, 7200000000L),
            new PgInterval(0, 1, 7200000000L)));
    expect(264, list(UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), null));
  }

  private void otherArrays() {
    expect(265, list("{\"a\":1}", null));
    expect(266, list("{\"a\": 1}", null, "null"));
    expect(
        267,
        list(
            inet(32, 0xc0, 0, 2, 1),
            null,
            inet(128, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
    expect(268, list(halfOpen(1, 5), null));
    expect(269, list(List.of(halfOpen(decimal("1.0"), decimal("2.0"))), null));
    expect(270, list("<a b=\"1\"/>", null));
    expect(271, list("101", null));
    expect(272, list("(1,2)", null));
    expect(273, List.of("(1,1),(0,0)", "(3,3),(2,2)"));
    expect(274, list("sad", null, "it's \"odd\", {yes}"));
    expect(275, list(1, 2));
    expect(276, list(map("street", "12 Main St", "unit", null, "zip", 90210), null));
    expect(277, List.of(Map.of("a", "1")));
    expect(278, list("Top.Science"));
    expect(279, list("'a':1 'b':2"));
    expect(280, list(new Lsn(97500059720L)));
    expect(281, list(0L, 4294967295L, null));
  }

  private static BigDecimal decimal(String text) {
    return new BigDecimal(text);
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }

  private static PgInet inet(int prefix, int... address) {
    return PgInet.of(bytes(address).array(), prefix);
  }

  private static LocalDateTime local(int year, int month, int day, String time) {
    return LocalDate.of(year, month, day).atTime(LocalTime.parse(time));
  }

  private static OffsetDateTime utc(int year, int month, int day, String time) {
    return local(year, month, day, time).atOffset(ZoneOffset.UTC);
  }

  private static <T> PgRange<T> halfOpen(@Nullable T lower, @Nullable T upper) {
    return PgRange.closedOpen(lower, upper);
  }

  private static List<@Nullable Object> list(@Nullable Object... elements) {
    return Arrays.asList(elements);
  }

  private static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return map;
  }
}
