package dev.pgetl.it.ddl;

/**
 * A change of the source.
 *
 * @param kind what it is
 * @param table the OID of the table, 0 if it is about none or several
 * @param sql one transaction, unless it says otherwise
 * @param isTouched whether an event of the table has to follow before the change shows
 */
record Step(Kind kind, long table, String sql, boolean isTouched) {
  /** What a step does. */
  enum Kind {
    ADD,
    DROP,
    RENAME,
    ADD_CONSTANT,
    ADD_VOLATILE,
    ADD_GENERATED,
    ADD_AGAIN,
    EXCHANGE_NAMES,
    TYPE,
    NOT_NULL,
    DEFAULT,
    RENAME_TABLE,
    MOVE_TABLE,
    EXCHANGE_TABLES,
    CREATE_TABLE,
    DROP_TABLE,
    CREATE_AGAIN,
    KEY,
    IDENTITY,
    ENUM,
    UNIQUE,
    PARTITION,
    TRUNCATE,
    ROWS;

    /** {@return whether an apply has to follow it, unless it was behind} */
    boolean isPlain() {
      return this == ADD || this == DROP || this == RENAME;
    }
  }
}
