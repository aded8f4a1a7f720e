package dev.pgetl.destination.postgres.copy;

import dev.pgetl.destination.postgres.apply.OpenTables;
import dev.pgetl.destination.postgres.apply.Tables;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.state.TableState;
import dev.pgetl.destination.postgres.table.TargetCatalog;
import dev.pgetl.destination.postgres.table.TargetTables;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies that are kept aside in a table of their own, which takes the place of the other one in the
 * end. Owned by one transaction.
 */
final class Replacement {
  private static final Logger LOG = LoggerFactory.getLogger(Replacement.class);

  private final Session session;
  private final OpenTables open;
  private final Tables tables;

  Replacement(Session session, OpenTables open, Tables tables) {
    this.session = session;
    this.open = open;
    this.tables = tables;
  }

  /** {@return false if another table could not take the place, and nothing was changed} */
  boolean begin(TableSchema next) throws SQLException {
    TableState state = open.state(next);
    TableName target = state.target();
    Optional<String> obstacle = obstacle(next, state);
    if (obstacle.isPresent()) {
      LOG.info(
          "table {} of the destination is not replaced as a whole, but truncated and copied: {}",
          target,
          obstacle.get());
      return false;
    }
    discard(session, state);
    TableName aside = new TableName(target.schema(), "pgetl_next_" + next.id() + suffix());
    session.run("drop table if exists " + aside.quoted());
    session.run(
        "create table %s (like %s including all)".formatted(aside.quoted(), target.quoted()));
    for (String grant : Replaceable.grants(session, target, aside)) {
      session.run(grant);
    }
    TargetTables.Fit unused = tables.targets().fit(session, next, aside, state.columns());
    TableState saved = open.save(state.keeping(new TableState.Aside(aside, next.snapshotLsn())));
    return saved.isAside(next);
  }

  /** The truncation of a table that cannot be changed says which statements it needs. */
  private Optional<String> obstacle(TableSchema next, TableState state) throws SQLException {
    Optional<String> found = Replaceable.obstacle(session, state.target());
    boolean fits =
        found.isPresent()
            || tables.targets().canFitEmpty(session, next, state.target(), state.columns());
    return fits ? found : Optional.of("it cannot be made to fit " + next);
  }

  /** Two pipelines may have a table of the same OID in one schema. */
  private String suffix() {
    return "_" + Integer.toHexString(tables.memory().pipelineId().hashCode());
  }

  /** Drops what is kept aside. */
  static void discard(Session session, TableState state) throws SQLException {
    TableState.Aside aside = state.aside();
    if (aside != null) {
      session.run("drop table if exists " + aside.table().quoted());
    }
  }

  static boolean isKept(Session session, TableState state, TableSchema version)
      throws SQLException {
    return TargetCatalog.exists(session, state.written(version)) && isRemembered(state, version);
  }

  private static boolean isRemembered(TableState state, TableSchema version) {
    return state.isAside(version) || version.snapshotLsn().equals(state.replaced());
  }

  /** Puts the rows that are kept aside in the place of the others, if there are any. */
  void end(TableSchema version) throws SQLException {
    TableState state = open.known(version.id()).orElse(null);
    if (state == null || state.aside() == null || !state.isAside(version)) {
      return;
    }
    TableName aside = state.aside().table();
    TargetTables.Fit fit = tables.targets().fitExisting(session, version, aside);
    TableName wanted =
        tables.targets().renamesTables() ? tables.mapped(version.name()) : state.target();
    session.doing(version, "replace table " + state.target() + " of the destination");
    List<Replaceable.Index> before = Replaceable.indexes(session, state.target());
    session.run("drop table " + state.target().quoted());
    tables.targets().rename(session, aside, wanted);
    nameIndexes(before, wanted);
    TableState unused =
        open.save(
            state
                .named(wanted)
                .replacedBy(version.snapshotLsn())
                .fitting(fit.keeping(state.columns()).columns()));
    tables.forget(List.of(version.id()));
  }

  /** Indexes of the same definition get the names of those before. */
  private void nameIndexes(List<Replaceable.Index> before, TableName table) throws SQLException {
    List<Replaceable.Index> now = Replaceable.indexes(session, table);
    for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
      if (now.get(i).definition().equals(before.get(i).definition())) {
        TableName index = new TableName(table.schema(), now.get(i).name());
        session.run(
            "alter index %s rename to %s"
                .formatted(index.quoted(), TableName.quote(before.get(i).name())));
      }
    }
  }
}
