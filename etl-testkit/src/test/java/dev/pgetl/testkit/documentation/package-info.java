/** The code of {@code docs/testkit.md}, compiled and run. */
@NullMarked
package dev.pgetl.testkit.documentation;

import org.jspecify.annotations.NullMarked;
