/** Keeps pipelines running: starts each one again after it has failed. */
@NullMarked
package dev.pgetl.internal.runner;

import org.jspecify.annotations.NullMarked;
