/**
 * The condition that a configuration sets on the rows of a table that are copied: whether it is
 * one, and how it becomes part of a command.
 */
@NullMarked
package dev.pgetl.internal.capture.condition;

import org.jspecify.annotations.NullMarked;
