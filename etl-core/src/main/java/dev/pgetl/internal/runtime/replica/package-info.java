/**
 * Several processes that run one pipeline: one works, the others wait. {@link
 * dev.pgetl.internal.runtime.replica.Replica} is the life of one of them; each time it owns the
 * pipeline it runs an engine of its own.
 */
@NullMarked
package dev.pgetl.internal.runtime.replica;

import org.jspecify.annotations.NullMarked;
