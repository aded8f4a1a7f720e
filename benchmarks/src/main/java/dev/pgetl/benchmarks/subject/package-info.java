/** How the harness starts the subjects and talks to their processes. */
@NullMarked
package dev.pgetl.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
