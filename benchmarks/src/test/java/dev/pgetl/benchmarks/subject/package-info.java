/** Tests of how subjects are started. */
@NullMarked
package dev.pgetl.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
