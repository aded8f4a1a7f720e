/** Partitioned tables, against a real server. */
@NullMarked
package dev.pgetl.it.partition;

import org.jspecify.annotations.NullMarked;
