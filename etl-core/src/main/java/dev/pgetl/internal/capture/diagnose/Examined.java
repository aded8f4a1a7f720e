package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.capture.advice.ServerFacts;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.schema.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A source that is examined.
 *
 * @param session where to ask
 * @param config the settings of the pipeline
 * @param slots the names of its slots
 * @param server what the server offers
 * @param tables the tables of the publication; none if there is no such publication
 * @param limits from when on something is reported
 */
record Examined(
    Session session,
    PipelineConfig config,
    SlotNames slots,
    ServerFacts server,
    List<PublishedTable> tables,
    SourceDoctor.Limits limits) {
  Connection connection() {
    return session.jdbc();
  }

  int major() throws SQLException {
    return connection().getMetaData().getDatabaseMajorVersion();
  }

  /** {@return the published tables that are partitioned} */
  List<TableId> roots() {
    return PublishedTable.partitioned(tables);
  }

  /** {@return the argument for {@code ?::int8[]}} */
  Array oids(List<TableId> ids) throws SQLException {
    return connection().createArrayOf("int8", ids.stream().map(TableId::oid).toArray());
  }

  /** {@return the argument for {@code ?::int8[]} of all published tables} */
  Array oids() throws SQLException {
    return oids(tables.stream().map(PublishedTable::id).toList());
  }

  /** {@return how many connections it has besides those that replicate, while it copies} */
  int connections() {
    return 2 + config.maxTableSyncWorkers() * config.maxCopyConnectionsPerTable();
  }
}
