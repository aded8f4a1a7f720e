/** The scripted server of the simulation against a real Postgres. */
@NullMarked
package dev.pgetl.it.sim;

import org.jspecify.annotations.NullMarked;
