package dev.pgetl.internal.runtime.operate;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.runtime.order.TableOrder.ById;
import dev.pgetl.internal.runtime.order.TableOrder.ByName;
import dev.pgetl.internal.runtime.order.TableOrder.Which;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the table that an operator means. A name is compared with the publication as it is at the
 * moment: a table may have been renamed or dropped since the pipeline read it last, and another one
 * may have its name. Thread-safe.
 */
final class TableFinder {
  private final PipelineConfig config;
  private final Source source;
  private final Tables tables;

  TableFinder(PipelineContext context, Tables tables) {
    this.config = context.config();
    this.source = context.source();
    this.tables = tables;
  }

  /**
   * {@return the table}
   *
   * @throws IllegalArgumentException if the pipeline has none; says what may have been meant
   * @throws dev.pgetl.error.EtlException if a name cannot be compared with the publication
   */
  Table find(Which which) {
    if (which instanceof ById known) {
      Table table = tables.find(known.id());
      if (table == null) {
        throw new IllegalArgumentException(
            "table " + known.id() + " is not part of " + pipeline() + list(names()));
      }
      return table;
    }
    return find(((ByName) which).name());
  }

  private Table find(TableName name) {
    List<PublishedTable> published = source.publishedTables(config.publicationName());
    Optional<TableId> id =
        published.stream()
            .filter(table -> table.name().equals(name))
            .map(PublishedTable::id)
            .findAny();
    Table table = id.map(tables::find).orElse(null);
    if (table != null) {
      return table;
    }
    throw new IllegalArgumentException(
        id.isPresent() ? notYet(name) : gone(name, published).orElseGet(() -> absent(name)));
  }

  /** Another table may have had the name, and what is asked for is not done to that one. */
  private String notYet(TableName name) {
    return "table "
        + name
        + " is published, but not yet part of "
        + pipeline()
        + (held(name) == null ? "" : "; the table that had the name before is another one");
  }

  private Optional<String> gone(TableName name, List<PublishedTable> published) {
    Table held = held(name);
    if (held == null) {
      return Optional.empty();
    }
    String now =
        published.stream()
            .filter(table -> table.id().equals(held.id()))
            .map(table -> " is called " + table.name() + " now")
            .findAny()
            .orElse(" has left the publication");
    return Optional.of("table " + name + now);
  }

  private @Nullable Table held(TableName name) {
    return tables.all().stream().filter(table -> table.name().equals(name)).findAny().orElse(null);
  }

  private String absent(TableName name) {
    List<TableName> near = NearNames.of(name, names());
    return "table "
        + name
        + " is not part of "
        + pipeline()
        + (near.isEmpty() ? list(names()) : "; near: " + joined(near));
  }

  private List<TableName> names() {
    return tables.all().stream().map(Table::name).toList();
  }

  private String pipeline() {
    return "pipeline " + config.id();
  }

  private static String list(List<TableName> names) {
    int most = 5;
    String more = names.size() > most ? " and " + (names.size() - most) + " more" : "";
    return names.isEmpty()
        ? ", which has no table"
        : ", which has " + joined(names.subList(0, Math.min(most, names.size()))) + more;
  }

  private static String joined(List<TableName> names) {
    return names.stream().map(TableName::toString).sorted().collect(Collectors.joining(", "));
  }
}
