package dev.pgetl.store.postgres;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whether the store's database can be reached, and its tables written. Stateless. */
final class StoreDoctor {
  private static final String PRIVILEGES =
      """
      select current_user, current_database(), n.oid is not null,
        has_database_privilege(current_database(), 'CREATE'), coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
        (select count(*) from pg_class c where c.relnamespace = n.oid and c.relkind = 'r'
          and obj_description(c.oid, 'pg_class') = ?
          and not (has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT')
            and has_table_privilege(c.oid, 'UPDATE') and has_table_privilege(c.oid, 'DELETE')))
      from (values (?)) as wanted(schema) left join pg_namespace n on n.nspname = wanted.schema""";

  /** One row of {@link #PRIVILEGES}. */
  private record Privileges(
      String role, String database, boolean exists, boolean creates, boolean uses, int missing) {}

  private StoreDoctor() {}

  /**
   * {@return what is wrong}
   *
   * @param migrates whether the layer creates its tables by itself
   */
  static List<Finding> examine(StoreConnector connector, String schema, boolean migrates) {
    String doing = "examine the store in " + connector;
    try (Connection connection = connector.open(doing)) {
      Privileges privileges =
          Sql.one(
                  connection,
                  row ->
                      new Privileges(
                          row.getString(1),
                          row.getString(2),
                          row.getBoolean(3),
                          row.getBoolean(4),
                          row.getBoolean(5),
                          row.getInt(6)),
                  PRIVILEGES,
                  PipelineStore.TABLE_COMMENT,
                  schema)
              .orElseThrow();
      return examine(privileges, schema, migrates);
    } catch (EtlException e) {
      return List.of(Finding.of(FindingCode.STORE_UNREACHABLE, e.summary()).fixedBy(e.fix()));
    } catch (SQLException e) {
      EtlException failure = connector.failure(doing, e);
      return List.of(
          Finding.of(FindingCode.STORE_UNREACHABLE, failure.summary()).fixedBy(failure.fix()));
    }
  }

  private static List<Finding> examine(Privileges role, String schema, boolean migrates) {
    List<Finding> found = new ArrayList<>();
    String to = " TO " + TableName.quote(role.role());
    String named = TableName.quote(schema);
    if (!role.exists() && !(migrates && role.creates())) {
      found.add(
          readOnly("the store's schema %s does not exist, and is not created".formatted(schema))
              .fixedBy(
                  "In the store's database, run PostgresLayer.ddl, or let the role create it",
                  "GRANT CREATE ON DATABASE " + TableName.quote(role.database()) + to));
    } else if (role.exists() && !role.uses()) {
      found.add(
          readOnly("role \"%s\" may not use schema %s of the store".formatted(role.role(), schema))
              .fixedBy("In the store's database", "GRANT USAGE ON SCHEMA " + named + to));
    }
    if (role.missing() > 0) {
      found.add(
          readOnly(
                  "role \"%s\" may not read and write %d of the store's tables in schema %s"
                      .formatted(role.role(), role.missing(), schema))
              .fixedBy(
                  "In the store's database",
                  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + named + to));
    }
    return found;
  }

  private static Finding readOnly(String problem) {
    return Finding.of(FindingCode.STORE_READ_ONLY, problem);
  }
}
