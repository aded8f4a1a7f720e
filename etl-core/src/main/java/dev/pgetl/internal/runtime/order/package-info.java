/** What an operator may ask of a pipeline at work. */
@NullMarked
package dev.pgetl.internal.runtime.order;

import org.jspecify.annotations.NullMarked;
