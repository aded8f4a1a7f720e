/**
 * A pipeline that copies the rows that exist already, and ends: {@link
 * dev.pgetl.internal.runtime.copyonly.CopyRun} is what works for it.
 */
@NullMarked
package dev.pgetl.internal.runtime.copyonly;

import org.jspecify.annotations.NullMarked;
