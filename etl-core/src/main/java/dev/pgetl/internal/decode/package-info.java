/**
 * Turns the messages of {@code pgoutput} (protocol version 1) into events. Pure: no I/O, no
 * threads, no store, no logger.
 *
 * <p>{@link dev.pgetl.internal.decode.PgOutputDecoder} is the door.
 */
@NullMarked
package dev.pgetl.internal.decode;

import org.jspecify.annotations.NullMarked;
