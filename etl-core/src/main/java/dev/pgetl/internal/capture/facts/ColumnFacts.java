package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import org.jspecify.annotations.Nullable;

/**
 * What the catalogue says about a column.
 *
 * @param name its name
 * @param typeOid its type
 * @param modifier {@code atttypmod}
 * @param number {@code attnum}
 * @param notNull whether no row has a null in it
 * @param values what it has where nothing was written
 * @param inReplicaIdentity whether it is sent with old rows
 * @param writtenBy the transaction that wrote it, unsigned 32 bits
 */
public record ColumnFacts(
    String name,
    long typeOid,
    int modifier,
    int number,
    boolean notNull,
    Default values,
    boolean inReplicaIdentity,
    long writtenBy) {

  /**
   * What a column has where nothing was written.
   *
   * @param expression its default as SQL; null if it has none
   * @param filled whether rows that were there when it was added may have a value of it that is
   *     neither null nor a constant default
   */
  public record Default(@Nullable String expression, boolean filled) {
    /** No default. */
    public static final Default NONE = new Default(null, false);
  }

  /** {@return the column as the stream describes it} */
  public ColumnSchema described() {
    return ColumnSchema.builder(name, BuiltinTypes.find(typeOid).orElse(PgType.unknown(typeOid)))
        .modifier(modifier)
        .inReplicaIdentity(inReplicaIdentity)
        .build();
  }

  /**
   * {@return the same column with other values}
   *
   * @param others what it has where nothing was written
   */
  public ColumnFacts with(Default others) {
    return new ColumnFacts(
        name, typeOid, modifier, number, notNull, others, inReplicaIdentity, writtenBy);
  }

  boolean describes(ColumnSchema column) {
    return name.equals(column.name())
        && typeOid == column.type().oid()
        && modifier == column.modifier();
  }
}
