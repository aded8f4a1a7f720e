package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;

/** Failures of a process that may not write a table. */
final class Ownership {
  private static final String RESTORED =
      "A standby was promoted that lacked them, a backup was restored, or the state was changed:"
          + " ";

  private Ownership() {}

  /** Another process has taken over. */
  static EtlException lost(String pipelineId) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED,
            "another process has taken over the destination tables of pipeline " + pipelineId)
        .withFix("Run one process for each pipeline; end the other one before you start this one");
  }

  /** The destination has an older state of all tables. */
  static EtlException setBack(String pipelineId) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED,
            "the destination tables of pipeline %s are those of an earlier moment: commits that were acknowledged are missing"
                .formatted(pipelineId))
        .withFix(RESTORED + "start the pipeline again and resync all tables");
  }

  /** The destination has an older state of a table. */
  static EtlException setBack(TableId id) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED,
            "the destination lacks commits of table %s that were acknowledged".formatted(id))
        .withFix(RESTORED + "resync the table, and compare the others (docs/verification.md)")
        .withTable(id.oid());
  }

  /** A process of a greater epoch has taken over, or the epochs began again. */
  static EtlException late(String pipelineId, long ownerEpoch, String pipelines) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED,
            "another process of a greater epoch than %d has taken over the destination tables of pipeline %s"
                .formatted(ownerEpoch, pipelineId))
        .withFix(
            "If the other process works, let it. If the store was lost, so that epochs begin again,"
                + " run on the destination: UPDATE %s SET owner_epoch = 0 WHERE name = %s"
                    .formatted(pipelines, literal(pipelineId)));
  }

  /** The table of the destination is that of another table or pipeline. */
  static EtlException taken(Session session, String targets, TableSchema version, TableName target)
      throws SQLException {
    String owner =
        session
            .one(
                row -> "table " + row.getString(2) + " of pipeline " + row.getString(1),
                "select pipeline, source_name || ' (oid ' || source_oid || ')' from "
                    + targets
                    + " where schema_name = ? and table_name = ?",
                target.schema(),
                target.name())
            .orElse("another table");
    return new EtlException(
            ErrorKind.CONFIGURATION,
            "table %s of the destination belongs to %s, so table %s cannot be written to it"
                .formatted(target, owner, version.name()))
        .withFix(
            "Give it another name with tableNames, or, if the other table is gone, run on the"
                + " destination: DELETE FROM %s WHERE schema_name = %s AND table_name = %s"
                    .formatted(targets, literal(target.schema()), literal(target.name())))
        .withTable(version.id().oid());
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
