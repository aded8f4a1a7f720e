package dev.pgetl.destination.postgres.table;

/**
 * A column of the destination.
 *
 * @param name its name
 * @param type its type in SQL, without length or precision: a cast to it never shortens a value
 * @param fullType its type in SQL
 * @param generated whether the destination computes it; it is never written
 * @param alwaysIdentity whether it is {@code GENERATED ALWAYS AS IDENTITY}; updates leave it out
 * @param required whether rows cannot be inserted without it
 * @param comparable whether its type has an equality that an index can use
 * @param nullable whether it may have nulls
 */
public record TargetColumn(
    String name,
    String type,
    String fullType,
    boolean generated,
    boolean alwaysIdentity,
    boolean required,
    boolean comparable,
    boolean nullable) {}
