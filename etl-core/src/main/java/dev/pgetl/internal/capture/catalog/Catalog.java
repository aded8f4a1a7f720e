package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the server's catalogue knows of tables and the stream does not say. Thread-safe. */
public interface Catalog {
  /**
   * {@return what the catalogue says now about tables and the types of their columns} In as many
   * queries for many as for one.
   *
   * @param wire one of them as the stream describes it, whose types are looked up as well
   * @param others the others
   */
  Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others);

  /**
   * {@return why rows of a version may differ from what the table holds by now; empty if they do
   * not} The stream says nothing of rows that {@code ALTER TABLE} writes, and of their table only
   * with the next change.
   *
   * @param table the table as it is published
   * @param before the version
   */
  Optional<String> difference(PublishedTable table, TableSchema before);

  /** Reads all types again that tables were seen to use. */
  void checkTypes();

  /**
   * {@return how often a type was seen to have changed} {@code ALTER TYPE} of a composite type does
   * not show in the stream of the tables that use it.
   */
  long typeChanges();

  /**
   * {@return the leaf partitions of each table}
   *
   * @param roots partitioned tables
   */
  Map<TableId, Map<TableId, TableName>> partitions(Collection<TableId> roots);

  /**
   * {@return whether leaves may have had rows before they became part of a table} False for such as
   * were made as partitions, and for empty ones.
   *
   * @param root a partitioned table
   * @param attached some of its leaves
   */
  boolean hadRows(TableId root, Set<TableId> attached);

  /**
   * {@return whether a stream that is open follows tables that are attached or detached as
   * partitions} Before Postgres 15 it keeps sending the changes of a table, or none, under the name
   * that was right when the first one came.
   */
  boolean streamsFollowPartitions();
}
