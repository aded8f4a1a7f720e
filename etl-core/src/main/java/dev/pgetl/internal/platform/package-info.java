/**
 * What the engine uses of the JVM: time, locks, threads, chance. The engine asks for these here and
 * nowhere else, so that a simulation can bring its own and run in virtual time.
 */
@NullMarked
package dev.pgetl.internal.platform;

import org.jspecify.annotations.NullMarked;
