package dev.pgetl.internal.runtime;

import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the configuration says of tables by name, compared with those that are published. */
final class PublishedNames {
  private PublishedNames() {}

  /**
   * {@return the tables with the names of all their versions in the store} {@link PublicationWatch}
   * keeps the versions of a renamed table until the next start. In another cluster the ids are
   * other tables'.
   */
  static List<NamedTable> of(
      List<PublishedTable> published, PipelineContext context, SourceFacts facts) {
    PipelineStore store = context.store();
    boolean otherCluster =
        store
            .getReplicationProgress(context.applySlot())
            .filter(known -> !known.lineage().systemIdentifier().equals(facts.systemIdentifier()))
            .isPresent();
    return published.stream()
        .map(
            table ->
                new NamedTable(
                    table.id(),
                    table.name(),
                    otherCluster ? Set.of() : otherNames(table, store),
                    context.config().tableCopy().copies(table.name())))
        .toList();
  }

  private static Set<TableName> otherNames(PublishedTable table, SchemaStore store) {
    Set<TableName> names = new HashSet<>();
    Optional<TableSchema> version = store.getTableSchema(table.id());
    while (version.isPresent()) {
      names.add(version.get().name());
      version = versionBefore(table.id(), version.get().snapshotLsn(), store);
    }
    names.remove(table.name());
    return names;
  }

  private static Optional<TableSchema> versionBefore(TableId id, Lsn position, SchemaStore store) {
    return position.equals(Lsn.ZERO)
        ? Optional.empty()
        : store.getTableSchema(id, position.plus(-1));
  }

  /**
   * A name that no table has would be a choice without effect.
   *
   * @throws EtlException if the configuration names a table that is not published
   */
  static void require(TableCopyConfig copy, List<PublishedTable> published) {
    Set<String> missing =
        Stream.of(copy.tables(), copy.readByOf().keySet(), copy.rowsOf().keySet())
            .flatMap(Set::stream)
            .filter(name -> !copy.notPublishedYet().contains(name))
            .map(TableName::toString)
            .collect(Collectors.toCollection(TreeSet::new));
    published.forEach(table -> missing.remove(table.name().toString()));
    if (!missing.isEmpty()) {
      throw new EtlException(
              ErrorKind.CONFIGURATION,
              "choose the tables to copy: not published are " + String.join(", ", missing))
          .withFix(
              "Correct or remove the names in tableCopy, or add notPublishedYet(names) if the"
                  + " tables are published later.");
    }
  }

  /**
   * Each condition on rows is checked, so that one attempt names all that are refused.
   *
   * @throws EtlException if one is
   */
  static void requireConditions(
      Source source, TableCopyConfig copy, List<PublishedTable> published) {
    List<EtlException> refused = new ArrayList<>();
    for (PublishedTable table : published) {
      Optional<String> condition = copy.rows(table.name());
      try {
        condition.ifPresent(sql -> source.checkCondition(table, sql));
      } catch (EtlException e) {
        if (e.kind() != ErrorKind.CONFIGURATION) {
          throw e;
        }
        refused.add(e);
      }
    }
    if (!refused.isEmpty()) {
      throw joined(refused);
    }
  }

  private static EtlException joined(List<EtlException> refused) {
    EtlException first = refused.get(0);
    return refused.size() == 1
        ? first
        : new EtlException(
                first.kind(),
                refused.stream().map(EtlException::summary).collect(Collectors.joining("; ")),
                first)
            .withFix(first.fix());
  }
}
