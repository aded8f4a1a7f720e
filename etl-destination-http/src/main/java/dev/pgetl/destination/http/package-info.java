/**
 * A destination that posts rows and events as JSON over HTTP.
 *
 * <p>Begin at {@link dev.pgetl.destination.http.HttpDestination#builder}; what the receiver gets,
 * and what it may answer, stands in {@code docs/http-destination.md}. A {@link
 * dev.pgetl.destination.http.RequestFormat} of one's own gives requests another body, a {@link
 * dev.pgetl.destination.http.DeadLetterConsumer} gets what the receiver refuses for good.
 */
@NullMarked
package dev.pgetl.destination.http;

import org.jspecify.annotations.NullMarked;
