/** Tests of the proxy. */
@NullMarked
package dev.pgetl.testkit.net;

import org.jspecify.annotations.NullMarked;
