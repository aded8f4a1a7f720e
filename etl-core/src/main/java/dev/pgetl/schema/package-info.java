/**
 * Tables as Postgres describes them: identity, name, columns, types and replica identity, in
 * versions.
 */
@NullMarked
package dev.pgetl.schema;

import org.jspecify.annotations.NullMarked;
