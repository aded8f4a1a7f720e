/**
 * The network between a pipeline and its server, with injected faults: a {@link
 * dev.pgetl.testkit.net.TcpProxy} between them applies the faults to the connections of the
 * pipeline.
 */
@NullMarked
package dev.pgetl.testkit.net;

import org.jspecify.annotations.NullMarked;
