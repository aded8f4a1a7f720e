/** Tests of what judges a crash test. */
@NullMarked
package dev.pgetl.testkit.crash;

import org.jspecify.annotations.NullMarked;
