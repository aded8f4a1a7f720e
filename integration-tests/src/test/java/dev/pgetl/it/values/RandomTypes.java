package dev.pgetl.it.values;

import dev.pgetl.data.PgArray;
import dev.pgetl.data.PgRange;
import dev.pgetl.it.values.RandomType.Literal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Random types: scalars, and arrays, composites, ranges, multiranges, domains and enums made of
 * them, one in another. Values are written with the server's own constructors, so the server and
 * nobody else makes their text.
 */
final class RandomTypes {
  private static final Set<String> DISCRETE = Set.of("int4range", "int8range", "daterange");

  /** Range types that are there, or are created before all others, and what they are ranges of. */
  private static final Map<String, String> RANGES =
      Map.of(
          "int4range", "int4",
          "int8range", "int8",
          "numrange", "numeric",
          "daterange", "date",
          "tsrange", "timestamp",
          "tstzrange", "timestamptz",
          "text_range", "text",
          "float_range", "float8",
          "time_range", "time");

  static final String SETUP =
      """
      create extension citext; create extension hstore;
      create type text_range as range (subtype = text, collation = "C");
      create type float_range as range (subtype = float8);
      create type time_range as range (subtype = time);
      """;

  private final RandomGenerator random;
  private final Map<String, RandomType> scalars = new LinkedHashMap<>();
  private final StringBuilder ddl = new StringBuilder();
  private int created;

  RandomTypes(RandomGenerator random, int serverMajor) {
    this.random = random;
    RandomScalars.all(serverMajor).forEach(type -> scalars.put(type.sql(), type));
  }

  /** {@return what creates the types made since the last call} */
  String takeDdl() {
    String sql = ddl.toString();
    ddl.setLength(0);
    return sql;
  }

  /** {@return a scalar, or something made of others, so many levels deep at most} */
  RandomType next(int depth) {
    return switch (depth == 0 ? 0 : random.nextInt(12)) {
      case 6, 7 -> arrayOf(next(depth - 1));
      case 8 -> domainOver(next(depth - 1));
      case 9 -> composite(depth - 1);
      case 10 -> range(random.nextBoolean());
      case 11 -> enumeration();
      default -> any(List.copyOf(scalars.values()));
    };
  }

  private <T> T any(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  private String create(String statement) {
    String name = "made" + created++;
    ddl.append(statement.formatted(name)).append(";\n");
    return name;
  }

  private RandomType domainOver(RandomType restricted) {
    String name = create("create domain %s as " + restricted.sql());
    return new RandomType(name, cast(restricted, name), restricted.list());
  }

  private static Function<RandomGenerator, Literal> cast(RandomType type, String name) {
    return random -> {
      Literal value = type.next(random);
      return new Literal(value.value(), "(" + value.sql() + ")::" + name);
    };
  }

  private RandomType enumeration() {
    Set<String> labels = new LinkedHashSet<>();
    for (int i = 0; i < 4; i++) {
      labels.add(RandomScalars.text(random, 10));
    }
    String list = labels.stream().map(RandomType::quoted).collect(Collectors.joining(","));
    String name = create("create type %s as enum (" + list.replace("%", "%%") + ")");
    List<String> any = List.copyOf(labels);
    return RandomType.ofText(
        name, generator -> RandomType.Text.of(any.get(generator.nextInt(any.size()))));
  }

  private RandomType composite(int depth) {
    List<RandomType> fields =
        IntStream.range(0, random.nextInt(5)).mapToObj(i -> next(depth)).toList();
    String columns =
        IntStream.range(0, fields.size())
            .mapToObj(i -> "\"f %d\" %s".formatted(i, fields.get(i).sql()))
            .collect(Collectors.joining(","));
    String name = create("create type %s as (" + columns + ")");
    return new RandomType(name, generator -> row(name, fields, generator), false);
  }

  private static Literal row(String name, List<RandomType> fields, RandomGenerator random) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    List<String> sql = new ArrayList<>();
    for (RandomType field : fields) {
      Literal value = field.nextOrNull(random);
      values.put("f " + values.size(), value.value());
      sql.add(value.sql());
    }
    return new Literal(values, "ROW(" + String.join(",", sql) + ")::" + name);
  }

  private RandomType range(boolean multi) {
    String range = any(List.copyOf(new TreeSet<>(RANGES.keySet())));
    RandomType bound = Objects.requireNonNull(scalars.get(RANGES.get(range)));
    if (!multi) {
      return new RandomType(range, generator -> range(range, bound, generator), false);
    }
    String name = range.replace("range", "multirange");
    return new RandomType(name, generator -> multirange(name, range, bound, generator), true);
  }

  private static Literal range(String name, RandomType bound, RandomGenerator random) {
    if (random.nextInt(6) == 0) {
      return new Literal(PgRange.empty(), "'empty'::" + name);
    }
    List<Literal> bounds = bounds(bound, 2, random);
    if (bounds.size() < 2) {
      return new Literal(PgRange.empty(), "'empty'::" + name);
    }
    Literal lower = random.nextInt(6) == 0 ? Literal.NULL : bounds.get(0);
    Literal upper = random.nextInt(6) == 0 ? Literal.NULL : bounds.get(1);
    return range(name, lower, upper, random);
  }

  /** Discrete ranges are written as the server prints them: with the lower bound only. */
  private static Literal range(String name, Literal lower, Literal upper, RandomGenerator random) {
    boolean discrete = DISCRETE.contains(name);
    boolean closedBelow = lower.value() != null && (discrete || random.nextBoolean());
    boolean closedAbove = upper.value() != null && !discrete && random.nextBoolean();
    return new Literal(
        new PgRange<>(lower.value(), closedBelow, upper.value(), closedAbove, false),
        "%s(%s,%s,'%s%s')"
            .formatted(
                name, lower.sql(), upper.sql(), closedBelow ? "[" : "(", closedAbove ? "]" : ")"));
  }

  private static Literal multirange(
      String name, String range, RandomType bound, RandomGenerator random) {
    List<Literal> bounds = bounds(bound, 2 * random.nextInt(4), random);
    List<Literal> ranges = new ArrayList<>();
    for (int i = 0; i + 1 < bounds.size(); i += 2) {
      ranges.add(range(range, bounds.get(i), bounds.get(i + 1), random));
    }
    String sql = ranges.stream().map(Literal::sql).collect(Collectors.joining(","));
    return new Literal(ranges.stream().map(Literal::value).toList(), "%s(%s)".formatted(name, sql));
  }

  /** {@return up to so many bounds that all differ, in their order} */
  private static List<Literal> bounds(RandomType type, int count, RandomGenerator random) {
    TreeSet<Literal> bounds =
        new TreeSet<>(
            (a, b) ->
                RandomScalars.compare(
                    Objects.requireNonNull(a.value()), Objects.requireNonNull(b.value())));
    for (int i = 0; i < count; i++) {
      bounds.add(type.next(random));
    }
    return List.copyOf(bounds);
  }

  /** An array of arrays needs a domain between the two. */
  private RandomType arrayOf(RandomType any) {
    RandomType element = any.sql().endsWith("[]") ? domainOver(any) : any;
    return new RandomType(element.sql() + "[]", generator -> array(element, generator), true);
  }

  private static Literal array(RandomType element, RandomGenerator random) {
    int dimensions = random.nextInt(3) == 0 ? random.nextInt(2, 4) : 1;
    int[] lengths = random.ints(dimensions, 1, 4).toArray();
    if (random.nextInt(8) == 0) {
      return new Literal(List.of(), "'{}'::" + element.sql() + "[]");
    }
    List<@Nullable Object> elements = new ArrayList<>();
    String sql = dimension(element, lengths, 0, elements, random) + "::" + element.sql() + "[]";
    boolean shifted = random.nextInt(5) == 0;
    List<Integer> lower = new ArrayList<>(Collections.nCopies(dimensions, 1));
    if (shifted) {
      lower.replaceAll(one -> random.nextInt(-4, 5));
      sql = shifted(sql, lower, lengths) + "::" + element.sql() + "[]";
    }
    boolean plain =
        lower.stream().allMatch(bound -> bound == 1) && (dimensions == 1 || !element.list());
    return new Literal(plain ? elements : new PgArray(lower, elements), sql);
  }

  private static String shifted(String sql, List<Integer> lower, int[] lengths) {
    String bounds =
        IntStream.range(0, lengths.length)
            .mapToObj(i -> "[%d:%d]".formatted(lower.get(i), lower.get(i) + lengths[i] - 1))
            .collect(Collectors.joining());
    return "('%s=' || %s::text)".formatted(bounds, sql);
  }

  private static String dimension(
      RandomType element,
      int[] lengths,
      int depth,
      List<@Nullable Object> into,
      RandomGenerator random) {
    List<String> sql = new ArrayList<>();
    for (int i = 0; i < lengths[depth]; i++) {
      if (depth + 1 == lengths.length) {
        Literal value = element.nextOrNull(random);
        into.add(value.value());
        sql.add(value.sql());
      } else {
        List<@Nullable Object> inner = new ArrayList<>();
        sql.add(dimension(element, lengths, depth + 1, inner, random));
        into.add(inner);
      }
    }
    return "ARRAY[" + String.join(",", sql) + "]";
  }
}
