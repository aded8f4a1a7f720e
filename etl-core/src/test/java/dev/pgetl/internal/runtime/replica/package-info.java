@NullMarked
package dev.pgetl.internal.runtime.replica;

import org.jspecify.annotations.NullMarked;
