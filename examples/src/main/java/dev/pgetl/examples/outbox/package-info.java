/** Messages instead of rows: {@link dev.pgetl.examples.outbox.TransactionalOutbox}. */
@NullMarked
package dev.pgetl.examples.outbox;

import org.jspecify.annotations.NullMarked;
