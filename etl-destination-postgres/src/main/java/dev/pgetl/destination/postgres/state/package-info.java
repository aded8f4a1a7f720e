/** What the destination remembers of each table, in tables of its own. */
@NullMarked
package dev.pgetl.destination.postgres.state;

import org.jspecify.annotations.NullMarked;
