/** Tests of the kit's clock and proxy. */
@NullMarked
package dev.pgetl.testkit;

import org.jspecify.annotations.NullMarked;
