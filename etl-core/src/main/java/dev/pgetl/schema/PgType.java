package dev.pgetl.schema;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres type with all that is needed to decode its text, so that a stored schema can still be
 * used when the type has been changed or dropped in the database. Mirrors {@code pg_type}, {@code
 * pg_range} and {@code pg_attribute}.
 *
 * @param oid the type's OID, unsigned 32 bits; OIDs of user types differ from database to database
 * @param schema the type's schema, {@code pg_catalog} for built-in ones; empty if not known
 * @param name the type's name as in {@code pg_type.typname}; empty if not known
 * @param kind what it is made of
 * @param inner the element of an {@code ARRAY}, the base of a {@code DOMAIN}, the subtype of a
 *     {@code RANGE}, the range of a {@code MULTIRANGE}; null for the other kinds, and where it is
 *     not known
 * @param delimiter what separates this type's values inside an array ({@code typdelim}): a comma,
 *     but a semicolon for {@code box}
 * @param fields the fields of a {@code COMPOSITE}; empty for the other kinds
 */
public record PgType(
    long oid,
    String schema,
    String name,
    Kind kind,
    @Nullable PgType inner,
    char delimiter,
    List<Field> fields) {

  /** What a type is made of. */
  public enum Kind {
    /** A scalar, built in or from an extension. */
    BASE,
    /** An array of {@link PgType#inner()}. */
    ARRAY,
    /** A named row of {@link PgType#fields()}. */
    COMPOSITE,
    /** A restricted {@link PgType#inner()}. */
    DOMAIN,
    /** A set of labels. */
    ENUM,
    /** A range of {@link PgType#inner()}. */
    RANGE,
    /** A set of {@link PgType#inner()} ranges. */
    MULTIRANGE,
    /** A type the catalogue does not hold (any more): its text is delivered as it is. */
    UNKNOWN
  }

  /**
   * A field of a composite type.
   *
   * @param name the field's name
   * @param type the field's type
   */
  public record Field(String name, PgType type) {
    public Field {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(type, "type");
    }
  }

  public PgType {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    fields = List.copyOf(fields);
  }

  /**
   * {@return a scalar of {@code pg_catalog}}
   *
   * @param oid the type's OID
   * @param name the type's name
   */
  public static PgType base(long oid, String name) {
    return new PgType(oid, "pg_catalog", name, Kind.BASE, null, ',', List.of());
  }

  /**
   * {@return an array of this type, in this type's schema}
   *
   * @param arrayOid the array type's OID
   */
  public PgType arrayOf(long arrayOid) {
    return new PgType(arrayOid, schema, "_" + name, Kind.ARRAY, this, ',', List.of());
  }

  /**
   * {@return a type of which only the OID is known}
   *
   * @param oid the type's OID
   */
  public static PgType unknown(long oid) {
    return new PgType(oid, "", "", Kind.UNKNOWN, null, ',', List.of());
  }

  /** {@return the type itself, or for a domain what it restricts in the end} */
  public PgType baseType() {
    PgType type = this;
    while (type.kind == Kind.DOMAIN && type.inner != null) {
      type = type.inner;
    }
    return type;
  }

  @Override
  public String toString() {
    if (name.isEmpty()) {
      return "type " + oid;
    }
    return schema.isEmpty() || schema.equals("pg_catalog") ? name : schema + "." + name;
  }
}
