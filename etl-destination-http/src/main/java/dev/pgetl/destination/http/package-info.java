/** A destination that posts rows and events as JSON over HTTP. */
@NullMarked
package dev.pgetl.destination.http;

import org.jspecify.annotations.NullMarked;
