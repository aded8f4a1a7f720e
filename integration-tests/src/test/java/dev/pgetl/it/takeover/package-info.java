/** Several processes run one pipeline: one works, another takes over. */
@NullMarked
package dev.pgetl.it.takeover;

import org.jspecify.annotations.NullMarked;
