/** Named places in the engine at which a test can make it fail, pause or die. */
@NullMarked
package dev.pgetl.internal.failpoint;

import org.jspecify.annotations.NullMarked;
