/** Connections to the destination, statements, and what their failures mean. */
@NullMarked
package dev.pgetl.destination.postgres.sql;

import org.jspecify.annotations.NullMarked;
