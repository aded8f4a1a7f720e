/**
 * What pipelines and stores have in common when they connect: which host, with what credentials,
 * encrypted how. Knows nothing of what the connection is for.
 */
@NullMarked
package dev.pgetl.internal.connect;

import org.jspecify.annotations.NullMarked;
