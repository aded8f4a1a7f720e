/** A store that serves every read from a cache and writes a persistent layer first. */
@NullMarked
package dev.pgetl.store.memory;

import org.jspecify.annotations.NullMarked;
