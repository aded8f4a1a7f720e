/** Tables that change their shape while they are streamed. */
@NullMarked
package dev.pgetl.it.schema;

import org.jspecify.annotations.NullMarked;
