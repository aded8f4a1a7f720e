/**
 * Connections to the source with pinned settings and bounded waits, and what an SQL error means.
 */
@NullMarked
package dev.pgetl.internal.capture.session;

import org.jspecify.annotations.NullMarked;
