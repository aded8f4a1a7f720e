/**
 * What a destination offers so that its tables can be compared with the source, and what a
 * comparison answers. {@link dev.pgetl.Verification} runs it.
 */
@NullMarked
package dev.pgetl.verify;

import org.jspecify.annotations.NullMarked;
