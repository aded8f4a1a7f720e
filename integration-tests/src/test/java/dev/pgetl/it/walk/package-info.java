/**
 * Random sequences of what developers, operators and platforms do to a running pipeline, judged by
 * comparing source and destination.
 */
@NullMarked
package dev.pgetl.it.walk;

import org.jspecify.annotations.NullMarked;
