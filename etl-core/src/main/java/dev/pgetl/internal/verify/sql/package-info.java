/** How a Postgres database hashes rows; for both sides, so that both do the same. */
@NullMarked
package dev.pgetl.internal.verify.sql;

import org.jspecify.annotations.NullMarked;
