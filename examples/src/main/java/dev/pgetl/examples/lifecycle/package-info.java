/** A pipeline in a container: {@link dev.pgetl.examples.lifecycle.ManagedPipeline}. */
@NullMarked
package dev.pgetl.examples.lifecycle;

import org.jspecify.annotations.NullMarked;
