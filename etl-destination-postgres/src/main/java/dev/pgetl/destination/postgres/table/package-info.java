/** Tables of the destination: how they are found, created and changed. */
@NullMarked
package dev.pgetl.destination.postgres.table;

import org.jspecify.annotations.NullMarked;
