/** Tests of the store decorator. */
@NullMarked
package dev.pgetl.testkit.store;

import org.jspecify.annotations.NullMarked;
