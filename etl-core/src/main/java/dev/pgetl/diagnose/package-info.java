/**
 * What is wrong, or may become so, with a pipeline's source, store or destination.
 *
 * <p>{@link dev.pgetl.Pipeline#diagnose()} gives a list of {@link dev.pgetl.diagnose.Finding}s,
 * each with a stable {@link dev.pgetl.diagnose.FindingCode}, what breaks, and the SQL, setting or
 * command that fixes it. Stores and destinations add their own.
 */
@NullMarked
package dev.pgetl.diagnose;

import org.jspecify.annotations.NullMarked;
