/** The crash test of the kit, run over the stores and destinations of this project. */
@NullMarked
package dev.pgetl.it.crash;

import org.jspecify.annotations.NullMarked;
