package dev.pgetl.store.memory;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The JSON form of a {@link TableSchema}, types with all they are made of. */
final class TableSchemaJson {

  private TableSchemaJson() {}

  static ObjectNode toJson(TableSchema schema) {
    ObjectNode json =
        object()
            .put("table", schema.id().oid())
            .put("schema", schema.name().schema())
            .put("name", schema.name().name())
            .put("snapshot", schema.snapshotLsn().toString())
            .put("identity", String.valueOf(schema.replicaIdentity().code()));
    ArrayNode columns = json.putArray("columns");
    schema.columns().forEach(column -> columns.add(toJson(column)));
    schema.scope().ifPresent(scope -> json.set("scope", toJson(scope)));
    schema.difference().ifPresent(difference -> json.put("difference", difference));
    return json;
  }

  private static ObjectNode toJson(RowScope scope) {
    ObjectNode json =
        object()
            .put("publication", scope.publication())
            .put("membership", scope.membership())
            .put("operations", scope.operations())
            .put("filter", scope.rowFilter())
            .put("columns", scope.columnList());
    if (!scope.generated().isEmpty()) {
      json.put("generated", scope.generated());
    }
    ArrayNode partitions = json.putArray("partitions");
    scope
        .partitions()
        .forEach(
            (id, name) ->
                partitions
                    .addObject()
                    .put("table", id.oid())
                    .put("schema", name.schema())
                    .put("name", name.name()));
    return json;
  }

  private static ObjectNode toJson(ColumnSchema column) {
    ObjectNode json = object().put("name", column.name());
    json.set("type", toJson(column.type()));
    json.put("modifier", column.modifier())
        .put("identity", column.inReplicaIdentity())
        .put("attribute", column.attributeNumber())
        .put("nullable", column.nullable())
        .put("key", column.primaryKeyOrdinal());
    if (column.defaultExpression() != null) {
      json.put("default", column.defaultExpression());
    }
    return json;
  }

  private static ObjectNode toJson(PgType type) {
    ObjectNode json =
        object()
            .put("oid", type.oid())
            .put("schema", type.schema())
            .put("name", type.name())
            .put("kind", type.kind().name())
            .put("delimiter", String.valueOf(type.delimiter()));
    PgType inner = type.inner();
    if (inner != null) {
      json.set("inner", toJson(inner));
    }
    if (!type.fields().isEmpty()) {
      ArrayNode fields = json.putArray("fields");
      for (PgType.Field field : type.fields()) {
        fields.addObject().put("name", field.name()).set("type", toJson(field.type()));
      }
    }
    return json;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static TableSchema toSchema(JsonFields json) {
    TableName name = new TableName(json.text("schema"), json.text("name"));
    JsonFields scope = json.objectOrNull("scope");
    return TableSchema.builder(json.table(), name)
        .snapshotLsn(json.lsn("snapshot"))
        .replicaIdentity(ReplicaIdentity.ofCode(json.character("identity")))
        .columns(json.objects("columns").stream().map(TableSchemaJson::toColumn).toList())
        .scope(scope == null ? null : toScope(scope))
        .difference(json.textOrNull("difference"))
        .build();
  }

  private static RowScope toScope(JsonFields json) {
    Map<TableId, TableName> partitions = new HashMap<>();
    for (JsonFields leaf : json.objects("partitions")) {
      partitions.put(leaf.table(), new TableName(leaf.text("schema"), leaf.text("name")));
    }
    return new RowScope(
        json.number("publication"),
        json.text("membership"),
        json.text("operations"),
        json.text("filter"),
        json.text("columns"),
        partitions,
        Objects.requireNonNullElse(json.textOrNull("generated"), ""));
  }

  private static ColumnSchema toColumn(JsonFields json) {
    return ColumnSchema.builder(json.text("name"), toType(json.object("type")))
        .modifier(json.integer("modifier"))
        .inReplicaIdentity(json.bool("identity"))
        .attributeNumber(json.integer("attribute"))
        .nullable(json.bool("nullable"))
        .primaryKeyOrdinal(json.integer("key"))
        .defaultExpression(json.textOrNull("default"))
        .build();
  }

  private static PgType toType(JsonFields json) {
    JsonFields inner = json.objectOrNull("inner");
    return new PgType(
        json.number("oid"),
        json.text("schema"),
        json.text("name"),
        PgType.Kind.valueOf(json.text("kind")),
        inner == null ? null : toType(inner),
        json.character("delimiter"),
        json.objects("fields").stream()
            .map(field -> new PgType.Field(field.text("name"), toType(field.object("type"))))
            .toList());
  }
}
