package dev.pgetl.it.values;

import static dev.pgetl.it.values.RandomType.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.row.SampleTypes;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.internal.value.order.KeyOrder;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.PgType;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys have the order of the server: every value is compared with every other one. */
class KeyOrderIT {
  @RegisterExtension private static final Seed SEED = Seed.of("keys");
  private static final int COUNT = Integer.getInteger("keys.count", 120);
  private static final int RANGES = 40;
  private static final TestDatabase DATABASE = TestPostgres.shared().createDatabase();

  private final RandomGenerator random = new SplittableRandom(SEED.value());
  private final List<String> differences = new ArrayList<>();

  /**
   * A value as the server has it.
   *
   * @param text as it prints it
   * @param row the same as a row in text format
   * @param binary the same as a row in binary format
   * @param rank how many different values are not greater
   */
  private record Value(String text, TableRow row, TableRow binary, int rank) {}

  static List<OrderedType> types() {
    return OrderedType.all();
  }

  @BeforeAll
  static void printSeed() {
    System.out.println("key order: -Dkeys.count=" + COUNT + " " + SEED);
  }

  @AfterAll
  static void dropDatabase() {
    DATABASE.close();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyPairOfKeysHasTheOrderOfTheServer(OrderedType type) throws SQLException {
    fill(type);
    List<Value> values = values(type, "UTC");
    KeyOrder order = KeyOrder.of(pgType(type)).orElseThrow();

    assertThat(values.stream().map(Value::rank).distinct())
        .as("different values")
        .hasSizeGreaterThan(COUNT / 10)
        .hasSizeLessThan(values.size());
    compare(values, keys(order, values));
    assertThat(differences.stream().limit(20)).isEmpty();
  }

  /** The session of a copy prints in UTC; keys do not depend on it. */
  @ParameterizedTest
  @ValueSource(strings = {"Asia/Kolkata", "America/New_York", "Africa/Monrovia", "Pacific/Apia"})
  void timestampsHaveTheirOrderInEveryZone(String zone) throws SQLException {
    OrderedType type =
        types().stream().filter(one -> one.sql().equals("timestamptz")).findFirst().orElseThrow();
    fill(type);
    List<Value> values = values(type, zone);

    compare(values, keys(KeyOrder.of(pgType(type)).orElseThrow(), values));
    assertThat(differences.stream().limit(20)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("types")
  void aRangeContainsTheRowsThatTheServerFinds(OrderedType type) throws SQLException {
    fill(type);
    List<Value> values = values(type, "UTC");
    List<KeyRange> ranges =
        IntStream.range(0, RANGES)
            .mapToObj(i -> new KeyRange("c0", bound(values), bound(values)))
            .toList();
    List<List<String>> found = found(type, ranges);
    for (int i = 0; i < RANGES; i++) {
      KeyRange range = ranges.get(i);
      assertThat(values.stream().filter(value -> range.contains(value.row())).map(Value::text))
          .as("%s from %s to %s", type, range.from(), range.to())
          .containsExactlyElementsOf(found.get(i));
    }
  }

  /** So the caller has to check the encoding of the database, too. */
  @Test
  void inAnotherEncodingTheCollationCHasAnotherOrder() {
    try (TestDatabase cyrillic =
        TestPostgres.shared()
            .createDatabase("encoding 'KOI8R' lc_collate 'C' lc_ctype 'C' template template0")) {
      KeyOrder order = KeyOrder.of(SampleTypes.of("text")).orElseThrow();

      assertThat(cyrillic.value("select 'ц' collate \"C\" < 'д' collate \"C\"")).isEqualTo("t");
      assertThat(order.key("ц")).isGreaterThan(order.key("д"));
    }
  }

  private void fill(OrderedType type) {
    Stream<String> near =
        IntStream.range(0, COUNT).mapToObj(i -> quoted(type.near().apply(random)));
    RandomType any =
        RandomScalars.all(TestPostgres.shared().majorVersion()).stream()
            .filter(one -> one.sql().equals(type.sql()))
            .findFirst()
            .orElseThrow();
    Stream<String> far = IntStream.range(0, COUNT).mapToObj(i -> any.next(random).sql());
    String rows =
        Stream.of(type.edges().stream().map(RandomType::quoted), near, far)
            .flatMap(values -> values)
            .map(value -> "(" + value + ")")
            .collect(Collectors.joining(",\n"));
    DATABASE.execute(
        "drop table if exists t; create table t (v %s%s); insert into t values %s"
            .formatted(type.sql(), collation(type), rows));
  }

  private static String collation(OrderedType type) {
    return isText(type) ? " collate \"C\"" : "";
  }

  private static boolean isText(OrderedType type) {
    return type.sql().matches("text|varchar.*");
  }

  private static PgType pgType(OrderedType type) {
    return SampleTypes.of(type.sql());
  }

  private static List<Value> values(OrderedType type, String zone) throws SQLException {
    List<Value> values = new ArrayList<>();
    try (Connection connection = DATABASE.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set timezone = '" + zone + "'");
      ResultSet result =
          statement.executeQuery(
              "select v::text, %s(v), dense_rank() over (order by v) from t order by v, ctid"
                  .formatted(send(type)));
      while (result.next()) {
        String text = result.getString(1);
        byte[] binary = result.getBytes(2);
        values.add(
            new Value(
                text,
                SampleTypes.row(pgType(type), text),
                WireRow.of(
                    SampleTypes.table(pgType(type)),
                    binary,
                    new int[] {WireRow.BINARY, binary.length}),
                result.getInt(3)));
      }
    }
    return values;
  }

  /** {@return the function that makes the binary format} */
  private static String send(OrderedType type) {
    return DATABASE.value(
        "select typsend from pg_type where oid = %d".formatted(pgType(type).oid()));
  }

  private static List<List<KeyOrder.Key>> keys(KeyOrder order, List<Value> values) {
    return values.stream()
        .map(
            value ->
                List.of(
                    order.key(value.text()),
                    order.key(value.row(), 0),
                    order.key(value.binary(), 0)))
        .toList();
  }

  private void compare(List<Value> values, List<List<KeyOrder.Key>> keys) {
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < values.size(); j++) {
        int expected = Integer.compare(values.get(i).rank(), values.get(j).rank());
        for (KeyOrder.Key left : keys.get(i)) {
          for (KeyOrder.Key right : keys.get(j)) {
            if (!agrees(left, right, expected)) {
              differences.add(values.get(i).text() + " and " + values.get(j).text());
            }
          }
        }
      }
    }
  }

  private static boolean agrees(KeyOrder.Key left, KeyOrder.Key right, int expected) {
    boolean equal = expected == 0;
    return Integer.signum(left.compareTo(right)) == expected
        && left.equals(right) == equal
        && (!equal || left.hashCode() == right.hashCode());
  }

  /** {@return the text of one of the values; now and then no bound} */
  private @Nullable String bound(List<Value> values) {
    return random.nextInt(6) == 0 ? null : values.get(random.nextInt(values.size())).text();
  }

  /** {@return for each range the texts of its rows} */
  private static List<List<String>> found(OrderedType type, List<KeyRange> ranges) {
    String bounds =
        IntStream.range(0, ranges.size())
            .mapToObj(i -> "(%d, %s, %s)".formatted(i, from(ranges.get(i)), to(ranges.get(i))))
            .collect(Collectors.joining(","));
    List<List<String>> found = new ArrayList<>();
    ranges.forEach(range -> found.add(new ArrayList<>()));
    String query =
        """
        select i, v::text from t join (values %s) as range(i, low, high)
        on (low is null or v >= low::%2$s) and (high is null or v < high::%2$s) order by v, t.ctid
        """;
    for (List<@Nullable String> row : DATABASE.query(query.formatted(bounds, type.sql()))) {
      found.get(Integer.parseInt(String.valueOf(row.get(0)))).add(String.valueOf(row.get(1)));
    }
    return found;
  }

  private static String from(KeyRange range) {
    return range.from() == null ? "null" : quoted(range.from());
  }

  private static String to(KeyRange range) {
    return range.to() == null ? "null" : quoted(range.to());
  }
}
