package dev.pgetl.it.failing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Tables by number, and how some of them fail. Immutable.
 *
 * @param count how many tables there are
 * @param ways how those fail that do
 */
record Layout(int count, Map<Integer, Way> ways) {
  /** The first ones do not fail. */
  static final int EARLY = 5;

  /**
   * {@return tables; some fail, at equal distances, each in the next way}
   *
   * @param majorVersion of the server; publications filter rows from 15 on
   */
  static Layout of(int count, int failing, int majorVersion) {
    List<Way> all = new ArrayList<>(List.of(Way.values()));
    all.removeIf(way -> way == Way.FILTER_RAISES && majorVersion < 15);
    Map<Integer, Way> ways = new TreeMap<>();
    for (int i = 0; i < failing; i++) {
      int table = EARLY + (int) ((count - EARLY) * (i + 0.5) / failing);
      ways.put(table, all.get(i % all.size()));
    }
    return new Layout(count, ways);
  }

  /** {@return the same tables; none of them fails} */
  Layout withoutFailures() {
    return new Layout(count, Map.of());
  }

  /** {@return the tables that do not fail} */
  List<Integer> healthy() {
    return IntStream.range(0, count).boxed().filter(table -> !ways.containsKey(table)).toList();
  }

  /** {@return the tables that fail in a way} */
  List<Integer> of(Way way) {
    return ways.keySet().stream().filter(table -> ways.get(table) == way).toList();
  }

  /** {@return the tables that fail because of what the destination answers} */
  List<Integer> failingAtTheDestination() {
    return ways.keySet().stream()
        .filter(table -> Objects.requireNonNull(ways.get(table)).call() != Way.Call.NONE)
        .toList();
  }

  /** {@return the tables as those of a publication} */
  String published() {
    List<String> tables = new ArrayList<>();
    for (int table = 0; table < count; table++) {
      boolean raises = ways.get(table) == Way.FILTER_RAISES;
      tables.add("t" + table + (raises ? " where (1 / (id - 5) < 9)" : ""));
    }
    return String.join(", ", tables);
  }

  /**
   * {@return SQL that makes the tables}
   *
   * @param role is to read them
   */
  String sql(String role) {
    StringBuilder sql = new StringBuilder();
    for (int table = 0; table < count; table++) {
      sql.append(
          """
          create table t%1$d(id bigint generated always as identity primary key, at bigint);
          insert into t%1$d(at) select g from generate_series(1, 10) g;
          """
              .formatted(table));
    }
    sql.append("grant select on all tables in schema public to %s;\n".formatted(role));
    ways.forEach((table, way) -> sql.append(spoilt(role, table, way)));
    return sql.append("create publication pub for table t0, t1, t2, t3, t4;\n").toString();
  }

  private static String spoilt(String role, int table, Way way) {
    return switch (way) {
      case NO_PRIVILEGE -> "revoke select on t%d from %s;\n".formatted(table, role);
      case ROW_SECURITY -> "alter table t%d enable row level security;\n".formatted(table);
      case UNREADABLE_VALUE ->
          """
          create type label%1$d as enum ('a', 'b');
          alter table t%1$d add column label label%1$d;
          update t%1$d set label = 'a';
          delete from pg_enum where enumtypid = 'label%1$d'::regtype;
          """
              .formatted(table);
      default -> "";
    };
  }
}
