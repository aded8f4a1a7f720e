package dev.pgetl.benchmarks.micro;

import dev.pgetl.benchmarks.micro.WireMessages.Column;
import java.util.ArrayList;
import java.util.List;

/** Columns of common types, with values. */
final class SampleColumns {
  private static final List<Column> TYPES =
      List.of(
          new Column("int8", 20, "8712345678901"),
          new Column("int4", 23, "8712345"),
          new Column("numeric", 1700, "12345.67"),
          new Column("timestamptz", 1184, "2026-01-02 03:04:05.123456+00"),
          new Column("text", 25, "a note of a few words"),
          new Column("int2", 21, "-4711"),
          new Column("float4", 700, "3.1415927"),
          new Column("float8", 701, "2.718281828459045"),
          new Column("bool", 16, "t"),
          new Column("varchar", 1043, "a name"),
          new Column("date", 1082, "2026-01-02"),
          new Column("time", 1083, "03:04:05.123456"),
          new Column("timestamp", 1114, "2026-01-02 03:04:05.123456"),
          new Column("interval", 1186, "1 year 2 mons 3 days 04:05:06"),
          new Column("uuid", 2950, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
          new Column("bytea", 17, "\\x0123456789abcdef0123456789abcdef"),
          new Column("json", 114, "{\"id\": 1, \"tags\": [\"a\", \"b\"]}"),
          new Column("jsonb", 3802, "{\"id\": 1, \"price\": 4.25}"),
          new Column("int4_array", 1007, "{1,2,3,4,5}"),
          new Column("text_array", 1009, "{a,\"b c\",NULL,d}"),
          new Column("inet", 869, "10.1.2.3/24"));

  private SampleColumns() {}

  /** {@return the first columns: five are a narrow table; more than there are begin again} */
  static List<Column> first(int count) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Column type = TYPES.get(i % TYPES.size());
      columns.add(new Column(type.name() + "_" + i, type.typeOid(), type.text()));
    }
    return columns;
  }

  static Column ofType(String name) {
    return TYPES.stream().filter(column -> column.name().equals(name)).findFirst().orElseThrow();
  }
}
