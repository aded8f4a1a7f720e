/**
 * The first room of the data's way: everything that is said to the Postgres server except the copy
 * of rows.
 *
 * <p>{@link dev.pgetl.internal.capture.SourceDatabase} is the door: it opens connections whose
 * settings are pinned, checks the source, reads publication and catalogue, keeps slots, and opens
 * the {@link dev.pgetl.internal.capture.WalStream} that the next rooms read from. Only this package
 * and {@code internal.copy} know SQL and the JDBC driver.
 */
@NullMarked
package dev.pgetl.internal.capture;

import org.jspecify.annotations.NullMarked;
