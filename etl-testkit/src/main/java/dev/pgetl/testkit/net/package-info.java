/**
 * The network between a pipeline and its server, with the faults a test wants: a {@link
 * dev.pgetl.testkit.net.TcpProxy} stands in front of the server, and what it is told to do to
 * connections it does to those of the pipeline.
 */
@NullMarked
package dev.pgetl.testkit.net;

import org.jspecify.annotations.NullMarked;
