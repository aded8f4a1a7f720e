/** JMH benchmarks: {@code benchmarks/run --jmh [pattern]}. */
@NullMarked
package dev.pgetl.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
