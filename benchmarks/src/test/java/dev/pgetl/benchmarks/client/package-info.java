/** Tests of what subjects do inside their processes. */
@NullMarked
package dev.pgetl.benchmarks.client;

import org.jspecify.annotations.NullMarked;
