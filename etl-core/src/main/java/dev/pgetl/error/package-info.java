/**
 * What can go wrong. There is one exception, {@link dev.pgetl.error.EtlException}. Its {@link
 * dev.pgetl.error.ErrorKind} says what kind of thing happened, for programs to act on, and its
 * {@link dev.pgetl.error.RetryDirective} what happens next: another attempt after a while, or
 * waiting for a person. The message is for people: what was being done and, where that is known,
 * what to do now.
 *
 * <p>Destinations and stores throw it, too, to choose between the two; anything else a destination
 * throws counts as a bug in it.
 */
@NullMarked
package dev.pgetl.error;

import org.jspecify.annotations.NullMarked;
