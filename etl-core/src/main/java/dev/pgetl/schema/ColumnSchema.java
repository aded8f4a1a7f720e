package dev.pgetl.schema;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A published column. Immutable.
 *
 * <p>Name, type OID, modifier and identity flag are what the stream says and always right at their
 * place in it. Attribute number, nullability, primary key, default, and the type's name and fields
 * come from the catalogue. Those of another time are left out: the column is then nullable, not
 * part of a key, without number, and a type made by users is {@link PgType.Kind#UNKNOWN}.
 */
public final class ColumnSchema {
  private static final SharedValues<PgType> TYPES = new SharedValues<>();

  private final String name;
  private final PgType type;
  private final int modifier;
  private final boolean inReplicaIdentity;
  private final int attributeNumber;
  private final boolean nullable;
  private final int primaryKeyOrdinal;
  private final @Nullable String defaultExpression;

  private ColumnSchema(Builder from) {
    name = from.name;
    type = TYPES.of(from.type);
    modifier = from.modifier;
    inReplicaIdentity = from.inReplicaIdentity;
    attributeNumber = from.attributeNumber;
    nullable = from.nullable;
    primaryKeyOrdinal = from.primaryKeyOrdinal;
    defaultExpression = from.defaultExpression;
  }

  /**
   * {@return a nullable column without key, modifier or hints}
   *
   * @param name the column's name
   * @param type the column's type
   */
  public static ColumnSchema of(String name, PgType type) {
    return builder(name, type).build();
  }

  /**
   * {@return a builder of a nullable column without key, modifier or hints}
   *
   * @param name the column's name
   * @param type the column's type
   */
  public static Builder builder(String name, PgType type) {
    return new Builder(name, type);
  }

  /** {@return a builder that begins with this column} */
  public Builder toBuilder() {
    return new Builder(name, type)
        .modifier(modifier)
        .inReplicaIdentity(inReplicaIdentity)
        .attributeNumber(attributeNumber)
        .nullable(nullable)
        .primaryKeyOrdinal(primaryKeyOrdinal)
        .defaultExpression(defaultExpression);
  }

  /** {@return the column's name} */
  public String name() {
    return name;
  }

  /** {@return the column's type} */
  public PgType type() {
    return type;
  }

  /** {@return {@code pg_attribute.atttypmod}; -1 if none} */
  public int modifier() {
    return modifier;
  }

  /**
   * {@return whether Postgres sends the column with the old row of an update or delete} For a table
   * published through its root: whether it does so for all partitions.
   */
  public boolean inReplicaIdentity() {
    return inReplicaIdentity;
  }

  /** {@return {@code pg_attribute.attnum}, the column's identity across renames; 0 if not known} */
  public int attributeNumber() {
    return attributeNumber;
  }

  /** {@return false if the column is known to be {@code NOT NULL}} */
  public boolean nullable() {
    return nullable;
  }

  /**
   * {@return the place in the primary key, from 1; 0 if the column is not part of it, or if there
   * is none to go by, see {@link TableSchema#primaryKey}}
   */
  public int primaryKeyOrdinal() {
    return primaryKeyOrdinal;
  }

  /** {@return the default as SQL text; null if there is none or it is not known} */
  public @Nullable String defaultExpression() {
    return defaultExpression;
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ColumnSchema that
        && name.equals(that.name)
        && type.equals(that.type)
        && modifier == that.modifier
        && inReplicaIdentity == that.inReplicaIdentity
        && attributeNumber == that.attributeNumber
        && nullable == that.nullable
        && primaryKeyOrdinal == that.primaryKeyOrdinal
        && Objects.equals(defaultExpression, that.defaultExpression);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        name,
        type,
        modifier,
        inReplicaIdentity,
        attributeNumber,
        nullable,
        primaryKeyOrdinal,
        defaultExpression);
  }

  @Override
  public String toString() {
    return "ColumnSchema{name="
        + name
        + ", type="
        + type
        + ", modifier="
        + modifier
        + ", inReplicaIdentity="
        + inReplicaIdentity
        + ", attributeNumber="
        + attributeNumber
        + ", nullable="
        + nullable
        + ", primaryKeyOrdinal="
        + primaryKeyOrdinal
        + ", defaultExpression="
        + defaultExpression
        + "}";
  }

  /** Builds a {@link ColumnSchema}. Not thread-safe. */
  public static final class Builder {
    private String name;
    private PgType type;
    private int modifier = -1;
    private boolean inReplicaIdentity;
    private int attributeNumber;
    private boolean nullable = true;
    private int primaryKeyOrdinal;
    private @Nullable String defaultExpression;

    private Builder(String name, PgType type) {
      this.name = Objects.requireNonNull(name, "name");
      this.type = Objects.requireNonNull(type, "type");
    }

    /**
     * Sets the name.
     *
     * @param value the column's name
     * @return this builder
     */
    public Builder name(String value) {
      name = Objects.requireNonNull(value, "name");
      return this;
    }

    /**
     * Sets the type.
     *
     * @param value the column's type
     * @return this builder
     */
    public Builder type(PgType value) {
      type = Objects.requireNonNull(value, "type");
      return this;
    }

    /**
     * Sets the type modifier; default -1, none.
     *
     * @param value {@code pg_attribute.atttypmod}
     * @return this builder
     */
    public Builder modifier(int value) {
      modifier = value;
      return this;
    }

    /**
     * Sets whether Postgres sends the column with the old row of an update or delete; default
     * false.
     *
     * @param value true if it does
     * @return this builder
     */
    public Builder inReplicaIdentity(boolean value) {
      inReplicaIdentity = value;
      return this;
    }

    /**
     * Sets the attribute number, the column's identity across renames; default 0, not known.
     *
     * @param value {@code pg_attribute.attnum}; not negative
     * @return this builder
     */
    public Builder attributeNumber(int value) {
      attributeNumber = requireNotNegative("attributeNumber", value);
      return this;
    }

    /**
     * Sets whether the column may be null; default true.
     *
     * @param value false if the catalogue says {@code NOT NULL}
     * @return this builder
     */
    public Builder nullable(boolean value) {
      nullable = value;
      return this;
    }

    /**
     * Sets the place in the primary key; default 0, not part of it or not known.
     *
     * @param value the place, from 1; not negative
     * @return this builder
     */
    public Builder primaryKeyOrdinal(int value) {
      primaryKeyOrdinal = requireNotNegative("primaryKeyOrdinal", value);
      return this;
    }

    /**
     * Sets the default of the column; default none.
     *
     * @param value SQL text; null if there is none or it is not known
     * @return this builder
     */
    public Builder defaultExpression(@Nullable String value) {
      defaultExpression = value;
      return this;
    }

    /** {@return the column} */
    public ColumnSchema build() {
      return new ColumnSchema(this);
    }

    private static int requireNotNegative(String what, int value) {
      if (value < 0) {
        throw new IllegalArgumentException(what + " must not be negative, is " + value);
      }
      return value;
    }
  }
}
