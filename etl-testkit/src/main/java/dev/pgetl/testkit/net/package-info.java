/** The network between a pipeline and its server, with the faults a test wants. */
@NullMarked
package dev.pgetl.testkit.net;

import org.jspecify.annotations.NullMarked;
