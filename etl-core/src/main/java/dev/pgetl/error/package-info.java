/**
 * What can go wrong. There is one exception, {@link dev.pgetl.error.EtlException}. Its {@link
 * dev.pgetl.error.ErrorKind} classifies the failure for programs, and its {@link
 * dev.pgetl.error.RetryDirective} states what happens next: a retry after a delay, or manual
 * intervention. The message is for operators: the operation and, if known, the fix.
 *
 * <p>Destinations and stores throw it too, to choose between the two; any other exception of a
 * destination counts as a bug in it.
 */
@NullMarked
package dev.pgetl.error;

import org.jspecify.annotations.NullMarked;
