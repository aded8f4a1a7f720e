/**
 * What the server says of itself: publications, tables, types, slots, and whether its settings are
 * fit for a pipeline.
 */
@NullMarked
package dev.pgetl.internal.capture.catalog;

import org.jspecify.annotations.NullMarked;
