/**
 * Bytes between the driver and the server: sockets that the pipeline can cut, reads that gather
 * what has arrived, trust in a TLS peer.
 */
@NullMarked
package dev.pgetl.internal.capture.wire;

import org.jspecify.annotations.NullMarked;
