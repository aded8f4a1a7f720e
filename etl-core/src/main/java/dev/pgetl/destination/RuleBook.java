package dev.pgetl.destination;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Which rules a table has. They are found by the name it has when it is first met, and stay with
 * its id. Thread-safe.
 */
final class RuleBook {
  private final TableRules ofAll;
  private final Map<TableName, TableRules> byName;
  private final Set<TableName> notPublishedYet;
  private final Set<Renaming> confirmed;
  private final Map<TableId, TableRules> byId = new ConcurrentHashMap<>();

  /** A table's earlier name and its name now. */
  record Renaming(TableName from, TableName to) {}

  RuleBook(
      TableRules ofAll,
      Map<TableName, TableRules> byName,
      Set<TableName> notPublishedYet,
      Set<Renaming> confirmed) {
    this.ofAll = ofAll;
    this.byName = Map.copyOf(byName);
    this.notPublishedYet = Set.copyOf(notPublishedYet);
    this.confirmed = Set.copyOf(confirmed);
  }

  TableRules of(TableSchema table) {
    return byId.computeIfAbsent(table.id(), id -> named(table.name()));
  }

  private TableRules named(TableName name) {
    return ofAll.and(byName.getOrDefault(name, TableRules.NONE));
  }

  /**
   * Gives the published tables their rules.
   *
   * @throws EtlException if a rule is without a table, or may be another table's
   */
  void published(List<NamedTable> tables) {
    List<String> problems = new ArrayList<>(rulesWithoutTable(tables));
    tables.forEach(table -> problems.addAll(unconfirmed(table)));
    if (!problems.isEmpty()) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "assign rules to tables: " + String.join("; ", problems))
          .withFix(
              "Rules go by the name of a table at the start. Correct the name, remove the rule,"
                  + " or add notPublishedYet(name) if the table is published later. If a table was"
                  + " renamed, check its rules and confirm them with renamed(from, to).");
    }
    tables.forEach(table -> byId.put(table.id(), named(table.name())));
  }

  private List<String> rulesWithoutTable(List<NamedTable> tables) {
    Set<TableName> published =
        tables.stream().map(NamedTable::name).collect(Collectors.toUnmodifiableSet());
    return byName.keySet().stream()
        .filter(name -> !published.contains(name) && !notPublishedYet.contains(name))
        .map(name -> "table " + name + " has rules and is not published")
        .sorted()
        .toList();
  }

  /** An earlier name's rules may have been this table's: without them a value would go out. */
  private List<String> unconfirmed(NamedTable table) {
    return table.earlierNames().stream()
        .filter(byName::containsKey)
        .filter(name -> !confirmed.contains(new Renaming(name, table.name())))
        .map(name -> "table " + table.name() + " was " + name + ", which has rules")
        .sorted()
        .toList();
  }
}
