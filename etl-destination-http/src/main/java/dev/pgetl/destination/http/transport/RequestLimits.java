package dev.pgetl.destination.http.transport;

import java.time.Duration;

/**
 * How long a request may take.
 *
 * @param connect until a connection stands
 * @param request one attempt, from its first byte to the last byte of the answer
 * @param total all attempts and the waits between them
 */
public record RequestLimits(Duration connect, Duration request, Duration total) {}
