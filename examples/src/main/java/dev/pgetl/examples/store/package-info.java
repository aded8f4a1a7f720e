/** A custom store: {@link dev.pgetl.examples.store.LoggingStore}. */
@NullMarked
package dev.pgetl.examples.store;

import org.jspecify.annotations.NullMarked;
