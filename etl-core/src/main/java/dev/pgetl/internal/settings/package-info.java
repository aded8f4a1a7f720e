/** Reads and checks the settings of configurations. */
@NullMarked
package dev.pgetl.internal.settings;

import org.jspecify.annotations.NullMarked;
