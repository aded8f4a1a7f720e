package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.util.Locale;

/** Writes what a receiver needs to know of a table's version. */
public final class TableJson {
  private TableJson() {}

  /**
   * Writes the members of an object: identity, names, version, replica identity, columns.
   *
   * @param table the version
   * @param json an open object
   * @throws IOException if the generator cannot write
   */
  public static void writeMembers(TableSchema table, JsonGenerator json) throws IOException {
    writeReference(table, json);
    json.writeStringField("schema_name", table.name().schema());
    json.writeStringField("table_name", table.name().name());
    json.writeStringField(
        "replica_identity", table.replicaIdentity().name().toLowerCase(Locale.ROOT));
    json.writeArrayFieldStart("columns");
    for (ColumnSchema column : table.columns()) {
      writeColumn(column, json);
    }
    json.writeEndArray();
  }

  /** Writes the members by which an event points to the description. */
  static void writeReference(TableSchema table, JsonGenerator json) throws IOException {
    json.writeNumberField("table_id", table.id().oid());
    json.writeStringField("table", table.name().toString());
    json.writeStringField("schema_version", table.snapshotLsn().toString());
  }

  private static void writeColumn(ColumnSchema column, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", column.name());
    json.writeStringField("type", column.type().toString());
    json.writeNumberField("type_oid", column.type().oid());
    json.writeNumberField("modifier", column.modifier());
    json.writeBooleanField("nullable", column.nullable());
    json.writeNumberField("primary_key", column.primaryKeyOrdinal());
    json.writeBooleanField("identity", column.inReplicaIdentity());
    String expression = column.defaultExpression();
    if (expression != null) {
      json.writeStringField("default", expression);
    }
    json.writeEndObject();
  }
}
