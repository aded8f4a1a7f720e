/**
 * Events that a destination refuses, kept until they are replayed.
 *
 * <p>Begin at {@link dev.pgetl.quarantine.QuarantiningDestination}, which goes around any
 * destination: {@link dev.pgetl.quarantine.RefusalPolicy} decides for each table what becomes of a
 * refused event. A {@link dev.pgetl.quarantine.Quarantine} keeps them; its numbered rules have
 * tests in the test kit.
 */
@NullMarked
package dev.pgetl.quarantine;

import org.jspecify.annotations.NullMarked;
