package dev.pgetl.destination.http;

import dev.pgetl.destination.http.transport.Credentials;
import dev.pgetl.destination.http.transport.RequestLimits;
import dev.pgetl.destination.http.transport.RetryRules;
import dev.pgetl.destination.http.transport.TimeSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The checked settings of an {@link HttpDestinationBuilder}. Immutable.
 *
 * @param baseUrl what paths are added to
 * @param source names the source, empty for none
 * @param format what requests look like
 * @param gzip whether bodies are compressed
 * @param announceEmptyTables whether an empty table is worth a request
 * @param announceCopies whether a complete copy is worth a request
 * @param removesRanges whether the receiver removes ranges of rows
 * @param replacesTables whether the receiver keeps the rows of a copy aside until it is complete
 * @param maxBodyBytes size at which batches are split
 * @param limits time limits
 * @param retryRules what is retried
 * @param credentials asked for each attempt
 * @param hasCredentials whether anything secret is sent
 * @param sslContext trust and identity, null for the JVM's
 * @param httpVersion preferred version
 * @param deadLetters takes refused items, null to fail instead
 * @param deadLetterLimit most refused items in a row
 * @param time clocks and randomness
 */
record HttpSettings(
    URI baseUrl,
    String source,
    RequestFormat format,
    boolean gzip,
    boolean announceEmptyTables,
    boolean announceCopies,
    boolean removesRanges,
    boolean replacesTables,
    int maxBodyBytes,
    RequestLimits limits,
    RetryRules retryRules,
    Credentials credentials,
    boolean hasCredentials,
    @Nullable SSLContext sslContext,
    HttpClient.Version httpVersion,
    @Nullable DeadLetterConsumer deadLetters,
    int deadLetterLimit,
    TimeSource time) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** {@return scheme, host and port: path and query of an address may hold a token} */
  String origin() {
    String port = baseUrl.getPort() < 0 ? "" : ":" + baseUrl.getPort();
    return baseUrl.getScheme() + "://" + baseUrl.getHost() + port;
  }

  boolean sendsCredentialsInTheClear() {
    return hasCredentials
        && baseUrl.getScheme().equalsIgnoreCase("http")
        && !LOOPBACK.contains(baseUrl.getHost());
  }

  /** {@return the settings without secrets} */
  @Override
  public String toString() {
    return origin()
        + (source.isEmpty() ? "" : ", source " + source)
        + (", bodies of at most " + maxBodyBytes + " bytes")
        + (gzip ? ", gzip" : "")
        + (", " + retryRules.maxAttempts() + " attempts of " + limits.request().toMillis() + " ms")
        + (hasCredentials ? ", with credentials" : "")
        + (deadLetters == null ? "" : ", with dead letters");
  }
}
