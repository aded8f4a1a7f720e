package dev.pgetl.internal.sim.server;

/**
 * One statement of a script; each can be written as SQL. Tables have a number in the script, which
 * stays when they are renamed, or dropped and created again.
 */
public sealed interface Statement {
  /** {@return the number of the table} */
  int table();

  /** {@code INSERT … ON CONFLICT DO NOTHING}: the value goes into all columns but the key. */
  record Insert(int table, int key, String value) implements Statement {}

  /** {@code UPDATE … SET column = value WHERE key = …}: the column is counted behind the key. */
  record Update(int table, int key, int column, String value) implements Statement {}

  /** {@code UPDATE … SET key = newKey WHERE key = … AND newKey is free}. */
  record MoveKey(int table, int key, int newKey) implements Statement {}

  record Delete(int table, int key) implements Statement {}

  record Truncate(int table) implements Statement {}

  /** {@code ALTER TABLE … ADD COLUMN}. */
  record AddColumn(int table, String name) implements Statement {}

  /** {@code ALTER TABLE … DROP COLUMN} of the last column, if there are more than two. */
  record DropColumn(int table) implements Statement {}

  /** {@code ALTER TABLE … RENAME COLUMN} of the last column. */
  record RenameColumn(int table, String name) implements Statement {}

  record RenameTable(int table, String name) implements Statement {}

  /** Something that makes Postgres describe the table again, though it is the same. */
  record Touch(int table) implements Statement {}

  /** {@code DROP TABLE}, {@code CREATE TABLE} of the same name, added to the same publications. */
  record Recreate(int table) implements Statement {}

  /** {@code ALTER PUBLICATION … ADD TABLE} or {@code DROP TABLE}. */
  record Publish(int table, String publication, boolean add) implements Statement {}

  /** {@return whether it needs the table for itself} */
  default boolean isExclusive() {
    return !(this instanceof Insert
        || this instanceof Update
        || this instanceof MoveKey
        || this instanceof Delete
        || this instanceof Publish);
  }
}
