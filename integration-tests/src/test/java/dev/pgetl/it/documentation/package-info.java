/** The pages of {@code docs} say what the code does. */
@NullMarked
package dev.pgetl.it.documentation;

import org.jspecify.annotations.NullMarked;
