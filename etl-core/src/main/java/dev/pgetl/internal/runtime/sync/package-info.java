/**
 * Sync workers: they copy tables, catch up with what was committed since, and hand them over to the
 * apply worker. {@link dev.pgetl.internal.runtime.sync.SyncWorkers} decides who works when, {@link
 * dev.pgetl.internal.runtime.sync.TableSync} is the work for one table, {@link
 * dev.pgetl.internal.runtime.sync.GroupSync} for many small ones.
 */
@NullMarked
package dev.pgetl.internal.runtime.sync;

import org.jspecify.annotations.NullMarked;
