/**
 * A destination that posts rows and events as JSON over HTTP.
 *
 * <p>Begin at {@link dev.pgetl.destination.http.HttpDestination#builder}. For requests and answers,
 * see {@code docs/http-destination.md}. A custom {@link dev.pgetl.destination.http.RequestFormat}
 * changes the body of requests; a {@link dev.pgetl.destination.http.DeadLetterConsumer} receives
 * what the receiver refuses.
 */
@NullMarked
package dev.pgetl.destination.http;

import org.jspecify.annotations.NullMarked;
