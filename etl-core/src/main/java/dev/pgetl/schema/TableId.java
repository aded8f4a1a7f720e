package dev.pgetl.schema;

/**
 * Identity of a table: its {@code pg_class.oid}. It survives renames and moves to another schema; a
 * table that is dropped and created again gets another one.
 *
 * @param oid an unsigned 32-bit number
 */
public record TableId(long oid) implements Comparable<TableId> {

  public TableId {
    if (oid <= 0 || oid > 0xFFFFFFFFL) {
      throw new IllegalArgumentException("not a table OID: " + oid);
    }
  }

  @Override
  public int compareTo(TableId other) {
    return Long.compare(oid, other.oid);
  }

  @Override
  public String toString() {
    return Long.toString(oid);
  }
}
