/** Tables, rows and transactions made by hand, as a pipeline would deliver them. */
@NullMarked
package dev.pgetl.testkit.data;

import org.jspecify.annotations.NullMarked;
