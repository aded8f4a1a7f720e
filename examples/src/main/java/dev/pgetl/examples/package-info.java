/** Programs that run a pipeline. */
@NullMarked
package dev.pgetl.examples;

import org.jspecify.annotations.NullMarked;
