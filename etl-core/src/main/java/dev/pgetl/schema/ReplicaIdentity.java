package dev.pgetl.schema;

/** Which old columns Postgres sends with an update or delete ({@code pg_class.relreplident}). */
public enum ReplicaIdentity {
  /** The primary key's columns, if there is one ({@code d}). */
  DEFAULT('d'),
  /** Every column ({@code f}). */
  FULL('f'),
  /** The columns of a chosen unique index ({@code i}). */
  INDEX('i'),
  /** Nothing ({@code n}): updates and deletes cannot be published. */
  NOTHING('n');

  private final char code;

  ReplicaIdentity(char code) {
    this.code = code;
  }

  /** {@return the letter of the catalogue and of pgoutput} */
  public char code() {
    return code;
  }

  /**
   * {@return the identity with that letter}
   *
   * @param code the letter of {@code relreplident}
   * @throws IllegalArgumentException if there is none
   */
  public static ReplicaIdentity ofCode(char code) {
    for (ReplicaIdentity identity : values()) {
      if (identity.code == code) {
        return identity;
      }
    }
    throw new IllegalArgumentException("unknown replica identity, code " + (int) code);
  }
}
