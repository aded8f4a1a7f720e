/** Tests of the recording destination. */
@NullMarked
package dev.pgetl.testkit.destination;

import org.jspecify.annotations.NullMarked;
