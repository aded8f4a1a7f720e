/**
 * The first program: a Postgres, a receiver and a pipeline between them on one machine, and a check
 * that both hold the same at the end. {@link dev.pgetl.examples.quickstart.Quickstart} is the part
 * a program of your own would have; the rest is the demo around it.
 */
@NullMarked
package dev.pgetl.examples.quickstart;

import org.jspecify.annotations.NullMarked;
