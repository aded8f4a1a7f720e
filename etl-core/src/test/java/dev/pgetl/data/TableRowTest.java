package dev.pgetl.data;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.row.SampleTypes;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableRowTest {
  private static final TableSchema TABLE = table("int4", "text", "numeric", "bytea");

  @Test
  void tellsPresentNullAndAbsentApart() {
    TableRow row = TableRow.of(TABLE, 1, null, TableRow.NOT_SENT, new byte[0]);
    assertThat(row.columnCount()).isEqualTo(4);
    assertThat(row.presentCount()).isEqualTo(3);
    assertThat(row.isPresent(0)).isTrue();
    assertThat(row.isNull(0)).isFalse();
    assertThat(row.isPresent(1)).isTrue();
    assertThat(row.isNull(1)).isTrue();
    assertThat(row.isPresent(2)).isFalse();
    assertThat(row.isNull(2)).isFalse();
    assertThat(row.isPresent("c2")).isFalse();
    assertThat(row.isNull("c1")).isTrue();
    assertThat(row.table()).isSameAs(TABLE);
  }

  @Test
  void readsNullAsNull() {
    TableRow row = TableRow.of(TABLE, null, null, null, null);
    assertThat(row.get(0)).isNull();
    assertThat(row.text(1)).isNull();
    assertThat(row.textBytes(1)).isNull();
    assertThat(row.getString(1)).isNull();
    assertThat(row.getBigDecimal(2)).isNull();
    assertThat(row.getBytes(3)).isNull();
    assertThat(row.isSpecial(2)).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> row.getInt(0))
        .withMessage("column c0 (int4) of table public.samples is null; ask isNull first");
  }

  @Test
  void refusesToReadAnAbsentColumn() {
    Object absent = TableRow.NOT_SENT;
    TableRow row = TableRow.of(TABLE, absent, absent, absent, absent);
    assertThatIllegalStateException()
        .isThrownBy(() -> row.get(1))
        .withMessage(
            "column c1 (text) of table public.samples is absent: Postgres did not send it; ask"
                + " isPresent first");
    assertThatIllegalStateException().isThrownBy(() -> row.text(1));
    assertThatIllegalStateException().isThrownBy(() -> row.textBytes(1));
    assertThatIllegalStateException().isThrownBy(() -> row.getInt(0));
    assertThatIllegalStateException().isThrownBy(() -> row.getBytes(3));
    assertThatIllegalStateException().isThrownBy(() -> row.isSpecial(2));
    assertThat(row.toMap()).isEmpty();
  }

  @Test
  void refusesColumnsThatDoNotExist() {
    TableRow row = TableRow.of(TABLE, 1, "a", null, null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> row.get("C0"))
        .withMessage("table public.samples has no column C0");
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> row.get(4));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> row.isNull(-1));
  }

  @Test
  void hasAGetterForEachClass() {
    UUID uuid = new UUID(1, 2);
    assertThat(one("bool", true).getBoolean(0)).isTrue();
    assertThat(one("bool", false).getBoolean(0)).isFalse();
    assertThat(one("int2", 7).getShort(0)).isEqualTo((short) 7);
    assertThat(one("int4", 7).getInt(0)).isEqualTo(7);
    assertThat(one("int8", 7).getLong(0)).isEqualTo(7L);
    assertThat(one("float4", 1.5f).getFloat(0)).isEqualTo(1.5f);
    assertThat(one("float8", 1.5).getDouble(0)).isEqualTo(1.5);
    assertThat(one("numeric", 7).getBigDecimal(0)).isEqualTo(BigDecimal.valueOf(7));
    assertThat(one("text", "x").getString(0)).isEqualTo("x");
    assertThat(one("bytea", new byte[] {1, -1}).getBytes(0)).containsExactly(1, -1);
    assertThat(one("uuid", uuid).getUuid(0)).isEqualTo(uuid);
    assertThat(one("interval", new PgInterval(1, 2, 3)).getInterval(0))
        .isEqualTo(new PgInterval(1, 2, 3));
    assertThat(one("inet", PgInet.parse("::1")).get(0, PgInet.class)).hasToString("::1");
  }

  @Test
  void hasAGetterForEachClassOfTime() {
    LocalDate date = LocalDate.of(2026, 1, 2);
    LocalTime time = LocalTime.of(3, 4, 5, 6_000);
    OffsetTime offsetTime = OffsetTime.parse("03:04:05+05:30");
    LocalDateTime timestamp = date.atTime(time);
    Instant instant = Instant.parse("2026-01-02T03:04:05.000006Z");
    assertThat(one("date", date).getLocalDate(0)).isEqualTo(date);
    assertThat(one("time", time).getLocalTime(0)).isEqualTo(time);
    assertThat(one("timetz", offsetTime).getOffsetTime(0)).isEqualTo(offsetTime);
    assertThat(one("timestamp", timestamp).getLocalDateTime(0)).isEqualTo(timestamp);
    assertThat(one("timestamptz", instant).getInstant(0)).isEqualTo(instant);
    assertThat(one("timestamptz", instant).getOffsetDateTime(0))
        .isEqualTo(OffsetDateTime.parse("2026-01-02T03:04:05.000006Z"));
    TableRow india = SampleTypes.row(SampleTypes.of("timestamptz"), "2026-01-02 08:34:05+05:30");
    assertThat(india.getInstant(0)).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(india.get(0)).isEqualTo(OffsetDateTime.parse("2026-01-02T03:04:05Z"));
  }

  @Test
  void widensWithoutLossOnly() {
    assertThat(one("int2", -1).getInt(0)).isEqualTo(-1);
    assertThat(one("int2", -1).getLong(0)).isEqualTo(-1);
    assertThat(one("int4", -1).getLong(0)).isEqualTo(-1);
    assertThat(one("oid", 4_294_967_295L).getLong(0)).isEqualTo(4_294_967_295L);
    assertThat(one("float4", 0.1f).getDouble(0)).isEqualTo((double) 0.1f);
    assertWrong("int4", 1, TableRow::getShort);
    assertWrong("int8", 1, TableRow::getInt);
    assertWrong("oid", 1, TableRow::getInt);
    assertWrong("float8", 1.0, TableRow::getFloat);
    assertWrong("numeric", 1, TableRow::getLong);
    assertWrong("int4", 1, TableRow::getDouble);
  }

  @Test
  void refusesAGetterOfAnotherTypeEvenForNull() {
    assertWrong("int4", null, TableRow::getString);
    assertWrong("text", null, TableRow::getBytes);
    assertWrong("bool", null, TableRow::getInt);
    assertWrong("date", null, TableRow::getLocalDateTime);
    assertWrong("timestamp", null, TableRow::getInstant);
    assertWrong("int4[]", null, TableRow::getMap);
    assertWrong("int4", null, TableRow::getArray);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one("int4", 1).getString(0))
        .withMessage("column c0 (int4) of table public.samples does not hold a String");
  }

  private static void assertWrong(
      String type, @Nullable Object value, BiFunction<TableRow, Integer, @Nullable Object> getter) {
    assertThatIllegalArgumentException().isThrownBy(() -> getter.apply(one(type, value), 0));
  }

  @Test
  void typedGettersRefuseSpecialValues() {
    assertSpecial(one("numeric", NonFinite.NAN), row -> row.getBigDecimal(0));
    assertSpecial(one("date", NonFinite.POSITIVE_INFINITY), row -> row.getLocalDate(0));
    assertSpecial(one("timestamptz", NonFinite.NEGATIVE_INFINITY), row -> row.getInstant(0));
    assertSpecial(one("time", new SpecialValue.EndOfDay(null)), row -> row.getLocalTime(0));
    assertSpecial(
        one("int4[]", new PgArray(List.of(0), List.of(1))), row -> row.getList(0, Integer.class));
    assertThat(one("float8", Double.NaN).isSpecial(0)).isFalse();
  }

  private static void assertSpecial(TableRow row, Function<TableRow, @Nullable Object> getter) {
    assertThat(row.isSpecial(0)).isTrue();
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> getter.apply(row))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA))
        .satisfies(e -> assertThat(e.tableOid()).hasValue(4_711))
        .withMessageContaining("column c0 (" + row.table().column(0).type() + ")");
  }

  @Test
  void readsArraysRangesAndMapsOfOneClass() {
    TableRow array = one("int4[]", Arrays.asList(1, null, 3));
    assertThat(array.getList(0, Integer.class)).containsExactly(1, null, 3);
    assertThat(array.getArray(0)).isEqualTo(new PgArray(List.of(1), Arrays.asList(1, null, 3)));
    assertThat(one("int4[]", List.of()).getArray(0)).isEqualTo(new PgArray(List.of(), List.of()));
    assertThat(one("int4[]", List.of(List.of(1))).getArray(0))
        .isEqualTo(new PgArray(List.of(1, 1), List.of(List.of(1))));
    assertThatIllegalArgumentException().isThrownBy(() -> array.getList(0, String.class));
    TableRow nested = one("int4[]", List.of(List.of(1)));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> nested.getList(0, Integer.class));
    assertThat(nested.getList(0, List.class)).containsExactly(List.of(1));
    TableRow range = one("int4range", PgRange.closedOpen(1, 5));
    assertThat(range.getRange(0, Integer.class)).isEqualTo(PgRange.closedOpen(1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> range.getRange(0, Long.class));
    TableRow dates =
        one("daterange", PgRange.closedOpen(LocalDate.EPOCH, NonFinite.POSITIVE_INFINITY));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> dates.getRange(0, LocalDate.class));
    assertThat(one("int4multirange", List.of(PgRange.closedOpen(1, 5))).getList(0, PgRange.class))
        .containsExactly(PgRange.closedOpen(1, 5));
    assertThat(one("hstore", Map.of("a", "1")).getMap(0)).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void givesAMapOfWhatIsPresent() {
    TableRow row = TableRow.of(TABLE, 1, TableRow.NOT_SENT, null, new byte[] {1});
    assertThat(row.toMap().keySet()).containsExactly("c0", "c2", "c3");
    assertThat(row.toMap())
        .containsEntry("c0", 1)
        .containsEntry("c2", null)
        .containsEntry("c3", ByteBuffer.wrap(new byte[] {1}))
        .isUnmodifiable();
    assertThat(row.get("c0")).isEqualTo(1);
    assertThat(row.get("c0", Integer.class)).isEqualTo(1);
    assertThat(row.text("c0")).isEqualTo("1");
  }

  @Test
  void cannotBeChangedThroughWhatItGives() {
    TableRow row = TableRow.of(TABLE, 1, "abc", null, new byte[] {1});
    ByteBuffer text = requireNonNull(row.textBytes(1));
    assertThat(text).isEqualTo(ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8)));
    assertThatExceptionOfType(ReadOnlyBufferException.class)
        .isThrownBy(() -> text.put(0, (byte) 'x'));
    ByteBuffer bytes = requireNonNull(row.get(3, ByteBuffer.class));
    assertThatExceptionOfType(ReadOnlyBufferException.class)
        .isThrownBy(() -> bytes.put(0, (byte) 2));
    requireNonNull(row.getBytes(3))[0] = 2;
    text.get();
    assertThat(requireNonNull(row.textBytes(1)).remaining()).isEqualTo(3);
    assertThat(row.getBytes(3)).containsExactly(1);
  }

  @Test
  void isEqualByWhatIsPresentNullAndItsText() {
    TableRow row = TableRow.of(TABLE, 1, "a", null, TableRow.NOT_SENT);
    TableRow same =
        WireRow.of(
            table("int4", "text", "numeric", "bytea"),
            "xxa1".getBytes(StandardCharsets.UTF_8),
            new int[] {3, 1, 2, 1, 9, WireRow.NULL, 9, WireRow.ABSENT});
    assertThat(row).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(row)
        .isNotEqualTo(TableRow.of(TABLE, 2, "a", null, TableRow.NOT_SENT))
        .isNotEqualTo(TableRow.of(TABLE, 1, "a", null, null))
        .isNotEqualTo(TableRow.of(TABLE, 1, "a", TableRow.NOT_SENT, TableRow.NOT_SENT))
        .isNotEqualTo(TableRow.of(TABLE, 1, "aa", null, TableRow.NOT_SENT))
        .isNotEqualTo(one("int4", 1))
        .isNotEqualTo("row");
  }

  @Test
  void showsNoValues() {
    TableRow row = TableRow.of(TABLE, 42, "secret", null, TableRow.NOT_SENT);
    assertThat(row).hasToString("row of public.samples, null [c2], absent [c3]");
  }

  @Test
  void refusesToRenderWhatDoesNotSuitTheColumn() {
    assertUnsuitable("int4", 2_147_483_648L, "beyond the range");
    assertUnsuitable("oid", -1, "beyond the range");
    assertUnsuitable("int4", "1", "a java.lang.String instead of a java.lang.Integer");
    assertUnsuitable("date", NonFinite.NAN, "special value");
    assertUnsuitable("text", NonFinite.NAN, "special value");
    assertUnsuitable("time", LocalTime.of(0, 0, 0, 1), "microseconds");
    assertUnsuitable("text", "\uD800", "surrogate");
    assertUnsuitable("int4[]", List.of(List.of(1), 2), "");
    assertUnsuitable("addr", Map.of("street", "a"), "fields of the type");
    assertUnsuitable("hstore", Map.of(1, 2), "not strings");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TableRow.of(TABLE, 1, 2))
        .withMessage("2 values for the 4 columns of public.samples");
  }

  private static void assertUnsuitable(String type, Object value, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one(type, value))
        .withMessageStartingWith("no value of column c0 (")
        .withMessageContaining(why);
  }

  private static TableRow one(String type, @Nullable Object value) {
    return TableRow.of(table(type), Collections.singletonList(value).toArray());
  }

  private static TableSchema table(String... types) {
    return SampleTypes.table(Arrays.stream(types).map(SampleTypes::of).toArray(PgType[]::new));
  }
}
