/** What is wrong with a source, and how to fix it. */
@NullMarked
package dev.pgetl.examples.diagnose;

import org.jspecify.annotations.NullMarked;
