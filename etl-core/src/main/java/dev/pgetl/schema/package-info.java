/**
 * Tables as Postgres describes them, in versions.
 *
 * <p>Begin at {@link dev.pgetl.schema.TableSchema}: one version of a table, valid from a position
 * on, with its {@link dev.pgetl.schema.ColumnSchema columns}, their {@link dev.pgetl.schema.PgType
 * types} and its {@link dev.pgetl.schema.ReplicaIdentity}. A table is known by its {@link
 * dev.pgetl.schema.TableId}, which stays when it is renamed; its {@link dev.pgetl.schema.TableName}
 * is for people and SQL.
 */
@NullMarked
package dev.pgetl.schema;

import org.jspecify.annotations.NullMarked;
