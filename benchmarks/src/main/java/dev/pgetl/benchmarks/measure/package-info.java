/** Figures: where they are read, and how they are summed up and shown. */
@NullMarked
package dev.pgetl.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
