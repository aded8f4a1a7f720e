package dev.pgetl.destination.postgres.table;

import dev.pgetl.destination.postgres.SchemaChanges;
import dev.pgetl.destination.postgres.UserTypes;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes tables of the destination fit the versions of their tables in the source. Thread-safe, for
 * one call about a table at a time.
 */
public final class TargetTables {
  private static final Logger LOG = LoggerFactory.getLogger(TargetTables.class);

  private final SchemaChanges mode;
  private final UserTypes userTypes;
  private final boolean createsTables;
  private final Map<TableId, TargetTable> known = new ConcurrentHashMap<>();

  /**
   * Creates it.
   *
   * @param mode what may be changed
   * @param userTypes how columns of user types are created
   * @param createsTables whether missing tables are created
   */
  public TargetTables(SchemaChanges mode, UserTypes userTypes, boolean createsTables) {
    this.mode = mode;
    this.userTypes = userTypes;
    this.createsTables = createsTables;
  }

  /** {@return whether tables follow a new name of the source} */
  public boolean renamesTables() {
    return mode == SchemaChanges.APPLY;
  }

  /**
   * A table that fits.
   *
   * @param table the table
   * @param columns the columns of the source that it fits, to be remembered
   */
  public record Fit(TargetTable table, List<SourceColumn> columns) {
    /** {@return the same, with columns from before that the source has no more} */
    public Fit keeping(List<SourceColumn> before) {
      Set<String> names = columns.stream().map(SourceColumn::name).collect(Collectors.toSet());
      List<SourceColumn> all = new ArrayList<>(columns);
      before.stream()
          .filter(column -> column.number() != 0 && !names.contains(column.name()))
          .map(SourceColumn::gone)
          .forEach(all::add);
      return new Fit(table, all);
    }
  }

  /** {@return the table, if it was made to fit the version before} */
  public Optional<TargetTable> known(TableSchema version, TableName name) {
    TargetTable table = known.get(version.id());
    return table != null && table.fits(version, name) ? Optional.of(table) : Optional.empty();
  }

  /** Forgets a table, because a transaction about it failed. */
  public void forget(TableId id) {
    TargetTable unused = known.remove(id);
  }

  /**
   * Creates or changes a table as a version needs it.
   *
   * @param version the version
   * @param name the table
   * @param source the columns of the source that it fits; empty if they are not known
   * @throws EtlException of that table if it cannot be made to fit, or had rows and is missing
   */
  public Fit fit(Session session, TableSchema version, TableName name, List<SourceColumn> source)
      throws SQLException {
    session.doing(version, "make table " + name + " of the destination fit " + version.name());
    List<String> types = TargetTypes.of(session, version.columns(), userTypes);
    Optional<List<TargetColumn>> existing = TargetCatalog.columns(session, name);
    if (existing.isEmpty()) {
      requireNew(version, name, source);
      create(session, version, name, types);
    } else {
      requireLogged(session, version, name);
      change(session, version, types, shape(session, version, name, existing.get(), source));
    }
    List<TargetColumn> columns = TargetCatalog.columns(session, name).orElse(List.of());
    TargetTable table = TargetTable.of(version, name, inOrder(version, name, columns));
    TargetTable unused = known.put(version.id(), table);
    return new Fit(table, remembered(version, types, source)).keeping(there(source, columns));
  }

  /** {@return whether a table of the same definition without rows can be made to fit} */
  public boolean canFitEmpty(
      Session session, TableSchema version, TableName name, List<SourceColumn> source)
      throws SQLException {
    List<TargetColumn> columns = TargetCatalog.columns(session, name).orElse(List.of());
    TableShape empty = TableShape.of(name, true, columns, source, version.columns());
    List<String> types = TargetTypes.of(session, version.columns(), userTypes);
    return ShapeChanges.between(mode, empty, version.columns(), types).refused().isEmpty();
  }

  /** Changes a table that is there, whichever columns it fits, as a version needs it. */
  public Fit fitExisting(Session session, TableSchema version, TableName name) throws SQLException {
    if (!TargetCatalog.exists(session, name)) {
      throw missing(version, name);
    }
    return fit(session, version, name, List.of());
  }

  /** A table that is created in the place of one that had rows would lack them. */
  private static void requireNew(TableSchema version, TableName name, List<SourceColumn> source) {
    if (!source.isEmpty()) {
      throw missing(version, name);
    }
  }

  /** After a crash of the server its rows would be gone, but not the keys of their events. */
  private static void requireLogged(Session session, TableSchema version, TableName name)
      throws SQLException {
    List<String> statements = TargetCatalog.unlogged(session, name);
    if (!statements.isEmpty()) {
      throw unfit(version, name, "is unlogged: its rows do not survive a crash", statements);
    }
  }

  private static EtlException missing(TableSchema version, TableName name) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED,
            "table %s of the destination, for %s, is missing".formatted(name, version))
        .withFix("Resync the table")
        .withTable(version.id().oid());
  }

  private static TableShape shape(
      Session session,
      TableSchema version,
      TableName name,
      List<TargetColumn> columns,
      List<SourceColumn> source)
      throws SQLException {
    boolean filled =
        session.one(row -> true, "select 1 from " + name.quoted() + " limit 1").isPresent();
    return TableShape.of(name, !filled, columns, source, version.columns());
  }

  private void create(Session session, TableSchema version, TableName name, List<String> types)
      throws SQLException {
    String definition = TableDefinition.of(version, name, types);
    if (!createsTables) {
      throw unfit(version, name, "is missing", List.of(definition));
    }
    createSchema(session, name.schema());
    session.run(definition);
    LOG.info("created table {} of the destination for table {}", name, version.name());
  }

  /** Several tables may need it at once, each in a transaction of its own. */
  private static void createSchema(Session session, String schema) throws SQLException {
    if (!TargetCatalog.hasSchema(session, schema)) {
      session.run(
          "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('pgetl target schema'))");
      if (!TargetCatalog.hasSchema(session, schema)) {
        session.run("create schema " + TableName.quote(schema));
      }
    }
  }

  private void change(Session session, TableSchema version, List<String> types, TableShape shape)
      throws SQLException {
    ShapeChanges changes = ShapeChanges.between(mode, shape, version.columns(), types);
    if (!changes.refused().isEmpty()) {
      List<String> all =
          new ArrayList<>(TargetCatalog.dropKey(session, shape.name(), changes.loosened()));
      all.addAll(changes.all());
      throw unfit(version, shape.name(), "does not fit", all);
    }
    for (String statement : changes.statements()) {
      session.run(statement);
      LOG.info("changed the destination: {}", statement);
    }
  }

  /** Gives a table another name, unless it is not there any more. */
  public void rename(Session session, TableName from, TableName to) throws SQLException {
    if (!TargetCatalog.exists(session, from)) {
      return;
    }
    if (!from.schema().equals(to.schema())) {
      if (createsTables) {
        createSchema(session, to.schema());
      }
      session.run(
          "alter table %s set schema %s".formatted(from.quoted(), TableName.quote(to.schema())));
    }
    if (!from.name().equals(to.name())) {
      TableName moved = new TableName(to.schema(), from.name());
      session.run(
          "alter table %s rename to %s".formatted(moved.quoted(), TableName.quote(to.name())));
    }
    LOG.info("renamed table {} of the destination to {}", from, to);
  }

  private static EtlException unfit(
      TableSchema version, TableName name, String problem, List<String> statements) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED,
            "table %s of the destination, for %s, %s".formatted(name, version, problem))
        .withFix(
            "Run on the destination: "
                + String.join("; ", statements)
                + "; then resync the table. If values cannot be converted, empty it before")
        .withTable(version.id().oid());
  }

  private static List<TargetColumn> inOrder(
      TableSchema version, TableName name, List<TargetColumn> columns) {
    List<TargetColumn> ordered = new ArrayList<>();
    for (ColumnSchema column : version.columns()) {
      ordered.add(
          columns.stream()
              .filter(known -> known.name().equals(column.name()))
              .findFirst()
              .orElseThrow(
                  () ->
                      unfit(
                          version,
                          name,
                          "lacks column " + column.name(),
                          List.of("alter table " + name.quoted() + " add column ..."))));
    }
    return ordered;
  }

  /** A number that is not known at the moment is that of the column before. */
  private static List<SourceColumn> remembered(
      TableSchema version, List<String> types, List<SourceColumn> before) {
    List<SourceColumn> columns = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      ColumnSchema column = version.column(i);
      int number =
          column.attributeNumber() > 0 ? column.attributeNumber() : number(before, column.name());
      columns.add(new SourceColumn(column.name(), number, types.get(i)));
    }
    return columns;
  }

  /** A column that was dropped, and comes back with another number, has other values. */
  private static List<SourceColumn> there(List<SourceColumn> source, List<TargetColumn> columns) {
    Set<String> names = columns.stream().map(TargetColumn::name).collect(Collectors.toSet());
    return source.stream().filter(column -> names.contains(column.name())).toList();
  }

  private static int number(List<SourceColumn> columns, String name) {
    return columns.stream()
        .filter(known -> known.name().equals(name))
        .mapToInt(column -> Math.abs(column.number()))
        .findFirst()
        .orElse(0);
  }
}
