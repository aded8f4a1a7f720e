/**
 * What the catalogue says about tables, with the transaction that wrote each part, and how a
 * description of the stream is completed with it.
 */
@NullMarked
package dev.pgetl.internal.capture.facts;

import org.jspecify.annotations.NullMarked;
