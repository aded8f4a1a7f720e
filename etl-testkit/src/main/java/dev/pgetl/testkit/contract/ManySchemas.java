package dev.pgetl.testkit.contract;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;

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
          new TableSchema(
              new TableId(oid++), new TableName("public", "t"), new Lsn(oid), identity, columns()));
    }
    schemas.add(
        new TableSchema(
            new TableId(0xFFFFFFFFL),
            new TableName("odd \"schema\"", "tä\nble'"),
            new Lsn(-1),
            ReplicaIdentity.FULL,
            List.of()));
    return schemas;
  }

  private static List<ColumnSchema> columns() {
    return List.of(
        new ColumnSchema("b", TEXT, -1, true, 2, false, 2, null),
        new ColumnSchema("a", NUMERIC, 655366, true, 1, false, 1, "nextval('s'::regclass)"),
        new ColumnSchema("", BOX.arrayOf(1020), 5, false, 0, true, 0, ""),
        new ColumnSchema("pg \"q\"\t'ü'\\", COMPOSITE, -1, false, 7, true, 0, "'x\"y\n'::text"),
        new ColumnSchema("mood", MOOD, -1, false, 8, false, 0, null),
        new ColumnSchema("domain", DOMAIN.arrayOf(16_501), -1, false, 9, true, 0, null),
        new ColumnSchema("ranges", MULTIRANGE, -1, false, 1600, true, 0, null),
        ColumnSchema.of("dropped type", PgType.unknown(4_294_967_295L)));
  }
}
