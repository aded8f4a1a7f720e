/**
 * What differs where the source is a standby: {@link
 * dev.pgetl.internal.capture.standby.StandbySource}.
 */
@NullMarked
package dev.pgetl.internal.capture.standby;

import org.jspecify.annotations.NullMarked;
