package dev.pgetl.it.httpwalk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * A table of the source, with SQL that changes it. Owned by the walk's thread, except for the
 * versions.
 */
final class WalkedTable {
  private static final List<Kind> KINDS = List.of(Kind.values());

  private static final String RANDOM_ROWS =
      " where id in (select id from %s order by md5(id::text || '%d') limit %d)";

  private final Kind id;
  private final boolean full;
  private final Map<String, Kind> columns = new LinkedHashMap<>();
  private final Set<List<String>> versions = ConcurrentHashMap.newKeySet();
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private String name;
  private long oid;
  private int lastId;
  private int lastColumn;

  WalkedTable(String name, Kind id, boolean full, List<Kind> kinds) {
    this.name = name;
    this.id = id;
    this.full = full;
    names.add("public." + name);
    kinds.forEach(kind -> columns.put("c" + ++lastColumn, kind));
    noteVersion();
  }

  private void noteVersion() {
    List<String> version = new ArrayList<>(List.of("id"));
    version.addAll(columns.keySet());
    versions.add(version);
  }

  String create() {
    StringBuilder sql = new StringBuilder("create table " + name + " (id " + id.type());
    columns.forEach((column, kind) -> sql.append(", " + column + " " + kind.type()));
    sql.append(", primary key (id));");
    return full ? sql + "alter table " + name + " replica identity full;" : sql.toString();
  }

  String name() {
    return name;
  }

  void oid(long value) {
    oid = value;
  }

  long oid() {
    return oid;
  }

  boolean isFull() {
    return full;
  }

  Set<List<String>> versions() {
    return versions;
  }

  Set<String> names() {
    return names;
  }

  /** {@return all columns with their kinds, the key first} */
  Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("id", id);
    kinds.putAll(columns);
    return kinds;
  }

  private String newId(RandomGenerator random) {
    int next = ++lastId;
    if (id == Kind.TEXT) {
      return Kind.quoted(next + " é\n\"" + Canaries.word(random));
    }
    return random.nextBoolean() ? "" + next : Canaries.DIGITS + "%09d".formatted(next);
  }

  String insert(RandomGenerator random, int count) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> values = new ArrayList<>(List.of(newId(random)));
      columns.values().forEach(kind -> values.add(kind.literal(random)));
      rows.add("(" + String.join(", ", values) + ")");
    }
    return "insert into " + name + " values " + String.join(", ", rows);
  }

  /** A row that the receiver refuses. */
  String poison(RandomGenerator random) {
    List<String> values = new ArrayList<>(List.of(newId(random)));
    for (Kind kind : columns.values()) {
      String word = Canaries.POISON + Canaries.word(random);
      values.add(
          switch (kind) {
            case TEXT -> Kind.quoted("Jürgen " + word + "\n" + Canaries.word(random));
            case JSON, JSONB -> Kind.quoted("{\n\"k\":\r\n\"" + word + "\"}");
            default -> kind.literal(random);
          });
    }
    return "insert into " + name + " values (" + String.join(", ", values) + ")";
  }

  String withoutPoison() {
    return "delete from %s t where t::text like '%%%s%%'".formatted(name, Canaries.POISON);
  }

  /** Large values of the other columns stay as they are. */
  String update(RandomGenerator random) {
    List<String> sets = new ArrayList<>();
    columns.forEach(
        (column, kind) -> {
          if (random.nextInt(3) == 0) {
            sets.add(column + " = " + kind.literal(random));
          }
        });
    return "update %s set %s".formatted(name, sets.isEmpty() ? "id = id" : String.join(", ", sets))
        + some(random, 3);
  }

  String moveKey(RandomGenerator random) {
    return "update %s set id = %s".formatted(name, newId(random)) + some(random, 1);
  }

  String delete(RandomGenerator random) {
    return "delete from " + name + some(random, 2);
  }

  private String some(RandomGenerator random, int most) {
    return RANDOM_ROWS.formatted(name, random.nextInt(1000), 1 + random.nextInt(most));
  }

  String addColumn(RandomGenerator random) {
    Kind kind = KINDS.get(random.nextInt(KINDS.size()));
    String column = "c" + ++lastColumn;
    columns.put(column, kind);
    noteVersion();
    return "alter table %s add column %s %s".formatted(name, column, kind.type());
  }

  /** The first column stays: it takes the poison. */
  String dropColumn(RandomGenerator random) {
    if (columns.size() < 3) {
      return "";
    }
    String column = anotherColumn(random);
    columns.remove(column);
    noteVersion();
    return "alter table %s drop column %s".formatted(name, column);
  }

  String renameColumn(RandomGenerator random) {
    String column = anotherColumn(random);
    String other = "c" + ++lastColumn;
    Map<String, Kind> before = new LinkedHashMap<>(columns);
    columns.clear();
    before.forEach((each, kind) -> columns.put(each.equals(column) ? other : each, kind));
    noteVersion();
    return "alter table %s rename column %s to %s".formatted(name, column, other);
  }

  private String anotherColumn(RandomGenerator random) {
    return List.copyOf(columns.keySet()).get(1 + random.nextInt(columns.size() - 1));
  }

  String rename() {
    String before = name;
    name = before.replaceFirst("_.*", "") + "_" + ++lastColumn;
    names.add("public." + name);
    return "alter table %s rename to %s".formatted(before, name);
  }
}
