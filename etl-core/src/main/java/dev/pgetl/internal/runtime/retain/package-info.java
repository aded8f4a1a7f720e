/** How much WAL the slots of a pipeline hold, when one of them is lost, and what holds them. */
@NullMarked
package dev.pgetl.internal.runtime.retain;

import org.jspecify.annotations.NullMarked;
