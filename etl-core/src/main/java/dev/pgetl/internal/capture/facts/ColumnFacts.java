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
 * @param defaultExpression its default as SQL; null if it has none
 * @param filled whether rows that were there when it was added may have a value of it that is
 *     neither null nor a constant default
 * @param inReplicaIdentity whether it is sent with old rows
 * @param writtenBy the transaction that wrote it, unsigned 32 bits
 */
public record ColumnFacts(
    String name,
    long typeOid,
    int modifier,
    int number,
    boolean notNull,
    @Nullable String defaultExpression,
    boolean filled,
    boolean inReplicaIdentity,
    long writtenBy) {

  /** {@return the column as the stream describes it} */
  public ColumnSchema described() {
    return ColumnSchema.builder(name, BuiltinTypes.find(typeOid).orElse(PgType.unknown(typeOid)))
        .modifier(modifier)
        .inReplicaIdentity(inReplicaIdentity)
        .build();
  }

  boolean describes(ColumnSchema column) {
    return name.equals(column.name())
        && typeOid == column.type().oid()
        && modifier == column.modifier();
  }
}
