/** Whether the simulation sees mistakes: mutants of the runtime, kept as patches. */
@NullMarked
package dev.pgetl.internal.sim.mutants;

import org.jspecify.annotations.NullMarked;
