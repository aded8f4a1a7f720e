/**
 * A simulation of the whole runtime: engines over a scripted server, store and destination, with
 * faults, in virtual time, driven by a seed.
 */
@NullMarked
package dev.pgetl.internal.sim;

import org.jspecify.annotations.NullMarked;
