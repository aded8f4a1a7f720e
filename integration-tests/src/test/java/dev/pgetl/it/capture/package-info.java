/** The first room against a real Postgres: connections, checks, slots, catalogue, stream. */
@NullMarked
package dev.pgetl.it.capture;

import org.jspecify.annotations.NullMarked;
