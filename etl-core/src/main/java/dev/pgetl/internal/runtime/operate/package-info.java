/**
 * How a pipeline does what its operator asks. {@link dev.pgetl.internal.runtime.operate.Operations}
 * receives it, {@link dev.pgetl.internal.runtime.operate.TableFinder} finds the table that a name
 * means.
 */
@NullMarked
package dev.pgetl.internal.runtime.operate;

import org.jspecify.annotations.NullMarked;
