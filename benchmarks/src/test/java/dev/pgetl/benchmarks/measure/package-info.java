/** Tests of figures. */
@NullMarked
package dev.pgetl.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
