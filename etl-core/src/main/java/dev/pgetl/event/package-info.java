/**
 * What happened in Postgres, in commit order: the messages of {@code pgoutput} with their schema
 * and position.
 */
@NullMarked
package dev.pgetl.event;

import org.jspecify.annotations.NullMarked;
