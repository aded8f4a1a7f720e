/** Virtual time, and threads of which one runs at a time, in an order that a seed decides. */
@NullMarked
package dev.pgetl.internal.sim.time;

import org.jspecify.annotations.NullMarked;
