/** The doctor on real servers: planted faults, healthy set-ups, and how long it takes. */
@NullMarked
package dev.pgetl.it.doctor;

import org.jspecify.annotations.NullMarked;
