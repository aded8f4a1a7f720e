/** Failover of the source to a standby. */
@NullMarked
package dev.pgetl.it.failover;

import org.jspecify.annotations.NullMarked;
