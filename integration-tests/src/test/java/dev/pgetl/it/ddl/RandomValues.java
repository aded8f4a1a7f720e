package dev.pgetl.it.ddl;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** SQL expressions of random values by the name of their type. */
final class RandomValues {
  private static final Map<String, List<String>> SAMPLES = new TreeMap<>();

  static {
    SAMPLES.put("boolean", List.of("true", "false"));
    SAMPLES.put("smallint", List.of("-32768", "0", "32767", "7"));
    SAMPLES.put("numeric", List.of("'NaN'", "1.0", "1.00", "-0.000", "1e30", "1e-20"));
    SAMPLES.put("numeric(10,2)", List.of("'NaN'", "1.005", "99999999.99", "-3"));
    SAMPLES.put("real", List.of("'-0'", "'NaN'", "'Infinity'", "0.1"));
    SAMPLES.put("double precision", List.of("'-0'", "'0'", "'NaN'", "'-Infinity'", "0.1", "1e300"));
    SAMPLES.put("date", List.of("'infinity'", "'0044-03-15 BC'", "'2026-02-28'"));
    SAMPLES.put(
        "timestamp with time zone",
        List.of("'-infinity'", "'4713-01-01 00:00:00+00 BC'", "'2026-12-31 23:59:59.999999+00'"));
    SAMPLES.put("timestamp without time zone", List.of("'infinity'", "'0001-01-01 BC'", "'epoch'"));
    SAMPLES.put("interval", List.of("'1 mon -1 days +00:00:00.000001'", "'0'", "'-178000 years'"));
    SAMPLES.put("bytea", List.of("'\\x'::bytea", "'\\x00ff5c27'::bytea", "'\\x5c30'::bytea"));
    SAMPLES.put("json", List.of("'{\"a\": 1,  \"a\": 2}'", "'null'", "'\"\\u00e9\\n\"'"));
    SAMPLES.put("jsonb", List.of("'{\"a\": [1, null], \"b\": \"x\\\\y\"}'", "'null'", "'1.00'"));
    SAMPLES.put("uuid", List.of("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "gen_random_uuid()"));
    SAMPLES.put("integer[]", List.of("'{}'", "'{1,NULL,3}'", "'[0:1]={4,5}'", "'{{1,2},{3,4}}'"));
    SAMPLES.put(
        "text[]", List.of("'{}'", "array['NULL', null, '', 'a\"b', E'c\\\\d', '{,}']::text[]"));
    SAMPLES.put("int4range", List.of("'empty'", "'[1,5)'", "'(,)'", "'[7,)'"));
    SAMPLES.put("tstzrange", List.of("'empty'", "'[2026-01-01 00:00:00+00,infinity)'"));
    SAMPLES.put("inet", List.of("'10.0.0.1'", "'::1/64'"));
    SAMPLES.put("bit varying", List.of("''", "'0101'"));
    SAMPLES.put(
        "pair", List.of("row(1, 'a,b')::pair", "row(null, '')::pair", "row(2, '\"')::pair"));
    SAMPLES.put("posint", List.of("1", "2147483647"));
    SAMPLES.put("mood", List.of("'sad'", "'ok'", "'Very \"happy\"'"));
    SAMPLES.put("character(4)", List.of("'a'", "''", "'abcd'"));
  }

  private final RandomGenerator random;

  RandomValues(RandomGenerator random) {
    this.random = random;
  }

  /** {@return types that a column may be given} */
  List<String> types() {
    return types("bigint", "integer", "text", "character varying(20)");
  }

  private static List<String> types(String... more) {
    List<String> all = new java.util.ArrayList<>(SAMPLES.keySet());
    all.addAll(List.of(more));
    return all;
  }

  /** {@return an expression of a type, also of one that the samples do not have} */
  String of(String type) {
    if (type.equals("integer") || type.equals("bigint")) {
      return Integer.toString(random.nextInt(200));
    }
    List<String> samples = SAMPLES.get(type);
    if (samples != null) {
      return "(" + samples.get(random.nextInt(samples.size())) + ")::" + type;
    }
    return text() + "::text::" + type;
  }

  /** Short texts, some of them odd, and ones that are stored out of line. */
  private String text() {
    return switch (random.nextInt(8)) {
      case 0 -> "''";
      case 1 -> "E'\\\\N'";
      case 2 -> "E'tab\\tline\\nreturn\\r'";
      case 3 -> "'\u00e9\u4e2d\ud83d\ude00'";
      case 4 -> "'{\"'";
      default -> "'v" + random.nextInt(1000) + "'";
    };
  }

  /** {@return a text that is stored out of line} */
  String large() {
    return "(select string_agg(md5((%d + i)::text), '') from generate_series(1, 120) i)"
        .formatted(random.nextInt(100_000));
  }
}
