/**
 * A store for tests in front of any other: {@link dev.pgetl.testkit.store.AwaitingStore} lets a
 * test wait for a phase and makes chosen {@linkplain dev.pgetl.testkit.store.StoreWrite writes}
 * fail.
 */
@NullMarked
package dev.pgetl.testkit.store;

import org.jspecify.annotations.NullMarked;
