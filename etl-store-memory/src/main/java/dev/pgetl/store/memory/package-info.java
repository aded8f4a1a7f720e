/**
 * The dual-layer store: {@link dev.pgetl.store.memory.MemoryStore} serves every read from memory
 * and writes a {@link dev.pgetl.store.memory.PersistentLayer} first. Layers of this module: {@link
 * dev.pgetl.store.memory.InMemoryLayer}, which survives the store but not the process, and {@link
 * dev.pgetl.store.memory.FileLayer}, which survives a crash of the machine.
 *
 * <p>A write goes {@code MemoryStore -> StoreChange -> PersistentLayer}, then back into the cache;
 * a load replays the layer's changes into an empty cache.
 */
@NullMarked
package dev.pgetl.store.memory;

import org.jspecify.annotations.NullMarked;
