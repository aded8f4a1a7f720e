package dev.pgetl.testkit.contract;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Schemas that show every part a schema can have. */
final class ManySchemas {
  private static final PgType TEXT = PgType.base(25, "text");
  private static final PgType NUMERIC = PgType.base(1700, "numeric");
  private static final PgType BOX =
      new PgType(603, "pg_catalog", "box", PgType.Kind.BASE, null, ';', List.of());
  private static final PgType MOOD =
      new PgType(4_000_000_001L, "my schema", "Mood \"1\"", PgType.Kind.ENUM, null, ',', List.of());
  private static final PgType DOMAIN =
      new PgType(16_500, "public", "dd", PgType.Kind.DOMAIN, NUMERIC, ',', List.of());
  private static final PgType RANGE =
      new PgType(3906, "pg_catalog", "numrange", PgType.Kind.RANGE, NUMERIC, ',', List.of());
  private static final PgType MULTIRANGE =
      new PgType(
          4532, "pg_catalog", "nummultirange", PgType.Kind.MULTIRANGE, RANGE, ',', List.of());
  private static final PgType COMPOSITE =
      new PgType(
          16_600,
          "public",
          "pair",
          PgType.Kind.COMPOSITE,
          null,
          ',',
          List.of(
              new PgType.Field("first", MOOD.arrayOf(16_601)),
              new PgType.Field("zweites ü", DOMAIN)));

  private ManySchemas() {}

  static List<TableSchema> all() {
    List<TableSchema> schemas = new ArrayList<>();
    long oid = 16_384;
    for (ReplicaIdentity identity : ReplicaIdentity.values()) {
      schemas.add(
          TableSchema.builder(new TableId(oid++), new TableName("public", "t"))
              .snapshotLsn(new Lsn(oid))
              .replicaIdentity(identity)
              .columns(columns())
              .build());
    }
    schemas.add(
        TableSchema.builder(new TableId(0xFFFFFFFFL), new TableName("odd \"schema\"", "tä\nble'"))
            .snapshotLsn(new Lsn(-1))
            .replicaIdentity(ReplicaIdentity.FULL)
            .scope(
                new RowScope(
                    0xFFFFFFFFL,
                    "1,2:3",
                    "insert",
                    "d41d8cd9",
                    "1 2",
                    Map.of(new TableId(1), new TableName("p", "t_1")),
                    "3=d41d8cd9 5=00b204e9"))
            .difference("its row filter was \"changed\"")
            .build());
    return schemas;
  }

  private static List<ColumnSchema> columns() {
    return List.of(
        key("b", TEXT, 2).attributeNumber(2).build(),
        key("a", NUMERIC, 1)
            .modifier(655366)
            .attributeNumber(1)
            .defaultExpression("nextval('s'::regclass)")
            .build(),
        ColumnSchema.builder("", BOX.arrayOf(1020)).modifier(5).defaultExpression("").build(),
        ColumnSchema.builder("pg \"q\"\t'ü'\\", COMPOSITE)
            .attributeNumber(7)
            .defaultExpression("'x\"y\n'::text")
            .build(),
        ColumnSchema.builder("mood", MOOD).attributeNumber(8).nullable(false).build(),
        ColumnSchema.builder("domain", DOMAIN.arrayOf(16_501)).attributeNumber(9).build(),
        ColumnSchema.builder("ranges", MULTIRANGE).attributeNumber(1600).build(),
        ColumnSchema.of("dropped type", PgType.unknown(4_294_967_295L)));
  }

  private static ColumnSchema.Builder key(String name, PgType type, int ordinal) {
    return ColumnSchema.builder(name, type)
        .inReplicaIdentity(true)
        .nullable(false)
        .primaryKeyOrdinal(ordinal);
  }
}
