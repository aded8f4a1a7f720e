/**
 * One request and all that can happen to it: attempts, time limits, credentials, answers. Knows
 * nothing of tables.
 */
@NullMarked
package dev.pgetl.destination.http.transport;

import org.jspecify.annotations.NullMarked;
