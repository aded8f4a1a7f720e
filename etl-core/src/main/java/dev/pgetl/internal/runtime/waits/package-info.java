/**
 * What the pipeline waits for at the moment: answers of destination and store, signs of the source.
 */
@NullMarked
package dev.pgetl.internal.runtime.waits;

import org.jspecify.annotations.NullMarked;
