/** The order of the values of a type, where Java and Postgres share one. */
@NullMarked
package dev.pgetl.internal.value.order;

import org.jspecify.annotations.NullMarked;
