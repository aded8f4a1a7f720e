/** One request with its attempts, time limits, credentials and answers; independent of tables. */
@NullMarked
package dev.pgetl.destination.http.transport;

import org.jspecify.annotations.NullMarked;
