package dev.pgetl.schema;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A published column.
 *
 * <p>Name, type, modifier and identity flag are what the stream says and always right at their
 * place in it. Attribute number, nullability, primary key and default come from the catalogue:
 * hints that may be missing for versions found in the stream.
 *
 * @param name the column's name
 * @param type the column's type
 * @param modifier {@code pg_attribute.atttypmod}; -1 if none
 * @param inReplicaIdentity whether Postgres sends the column with the old row of an update or
 *     delete
 * @param attributeNumber {@code pg_attribute.attnum}, the column's identity across renames; 0 if
 *     not known
 * @param nullable false if the column is {@code NOT NULL} in the catalogue
 * @param primaryKeyOrdinal place in the primary key, from 1; 0 if the column is not part of it or
 *     it is not known
 * @param defaultExpression the default as SQL text; null if there is none or it is not known
 */
public record ColumnSchema(
    String name,
    PgType type,
    int modifier,
    boolean inReplicaIdentity,
    int attributeNumber,
    boolean nullable,
    int primaryKeyOrdinal,
    @Nullable String defaultExpression) {

  /**
   * Checks that name and type are there.
   *
   * @param name the column's name
   * @param type the column's type
   * @param modifier the type modifier
   * @param inReplicaIdentity whether it is part of the replica identity
   * @param attributeNumber the attribute number
   * @param nullable whether it may be null
   * @param primaryKeyOrdinal place in the primary key
   * @param defaultExpression the default
   */
  public ColumnSchema {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }

  /**
   * {@return a nullable column without key, modifier or hints}
   *
   * @param name the column's name
   * @param type the column's type
   */
  public static ColumnSchema of(String name, PgType type) {
    return new ColumnSchema(name, type, -1, false, 0, true, 0, null);
  }

  /**
   * {@return whether the stream would describe both columns alike} Hints of the catalogue do not
   * count.
   *
   * @param other the other column
   */
  public boolean sameOnTheWire(ColumnSchema other) {
    return name.equals(other.name)
        && type.oid() == other.type.oid()
        && modifier == other.modifier
        && inReplicaIdentity == other.inReplicaIdentity;
  }
}
