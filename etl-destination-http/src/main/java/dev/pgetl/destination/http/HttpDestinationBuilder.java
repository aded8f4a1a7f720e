package dev.pgetl.destination.http;

import dev.pgetl.config.Secret;
import dev.pgetl.destination.http.transport.Credentials;
import dev.pgetl.destination.http.transport.PemTls;
import dev.pgetl.destination.http.transport.RequestLimits;
import dev.pgetl.destination.http.transport.RetryRules;
import dev.pgetl.destination.http.transport.TimeSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Builds an {@link HttpDestination}. {@link #build} reports all problems at once. Not thread-safe.
 */
public final class HttpDestinationBuilder {
  private static final int SMALLEST_BODY = 1 << 10;
  private static final Set<Integer> RETRIED_BY_DEFAULT =
      Stream.concat(Stream.of(408, 425, 429), IntStream.range(500, 600).boxed())
          .collect(Collectors.toUnmodifiableSet());

  private final String baseUrl;
  private String source = "";
  private RequestFormat format = new RequestFormat();
  private boolean gzip;
  private boolean announceEmptyTables;
  private boolean announceCopies;
  private boolean removesRanges;
  private boolean replacesTables;
  private int maxBodyBytes = 1 << 20;
  private Duration connectTimeout = Duration.ofSeconds(5);
  private Duration requestTimeout = Duration.ofSeconds(10);
  private Duration totalTimeout = Duration.ofMinutes(2);
  private int maxAttempts = 3;
  private Duration retryDelay = Duration.ofMillis(500);
  private Duration maxRetryDelay = Duration.ofSeconds(30);
  private double retryJitter = 0.25;
  private Set<Integer> retriedStatuses = RETRIED_BY_DEFAULT;
  private @Nullable Supplier<Map<String, String>> headers;
  private @Nullable Supplier<Secret> bearerToken;
  private @Nullable Supplier<Secret> signingKey;
  private String trustedRootCerts = "";
  private String clientCertificate = "";
  private @Nullable Secret clientKey;
  private @Nullable SSLContext sslContext;
  private HttpClient.@Nullable Version httpVersion;
  private @Nullable DeadLetterConsumer deadLetters;
  private int deadLetterLimit = 100;
  private TimeSource time = TimeSource.system();

  HttpDestinationBuilder(String baseUrl) {
    this.baseUrl = Objects.requireNonNull(baseUrl, "baseUrl");
  }

  /**
   * Names the source in bodies, keys and the header {@code Pgetl-Source}, for a receiver that
   * serves several databases: their tables may have the same OID.
   *
   * @param value the name; default none
   * @return this builder
   */
  public HttpDestinationBuilder source(String value) {
    source = Objects.requireNonNull(value, "source");
    return this;
  }

  /**
   * Sets what requests look like.
   *
   * @param value the format; default rows by position and safe numbers
   * @return this builder
   */
  public HttpDestinationBuilder format(RequestFormat value) {
    format = Objects.requireNonNull(value, "format");
    return this;
  }

  /**
   * Compresses bodies.
   *
   * @param value whether to; default false
   * @return this builder
   */
  public HttpDestinationBuilder gzip(boolean value) {
    gzip = value;
    return this;
  }

  /**
   * Sends a request without rows when the copy of an empty table is complete, so that the receiver
   * can create the table.
   *
   * @param value whether to; default false
   * @return this builder
   */
  public HttpDestinationBuilder announceEmptyTables(boolean value) {
    announceEmptyTables = value;
    return this;
  }

  /**
   * Sends a request when a copy is complete and all its rows are durable: {@code POST
   * {base}/tables/{id}/copied}. It has no body, unless {@link #replacesTables} is set, which sends
   * it, too.
   *
   * @param value whether to; default false
   * @return this builder
   */
  public HttpDestinationBuilder announceCopies(boolean value) {
    announceCopies = value;
    return this;
  }

  /**
   * Says that the receiver removes ranges of rows: it implements {@code POST
   * {base}/tables/{id}/remove}. A copy that was interrupted is then continued; otherwise its table
   * is truncated and copied again.
   *
   * @param value whether it does; default false
   * @return this builder
   */
  public HttpDestinationBuilder removesRanges(boolean value) {
    removesRanges = value;
    return this;
  }

  /**
   * Says that the receiver keeps the rows of a copy aside until they replace those of the table: it
   * implements {@code POST {base}/tables/{id}/replace}, and {@code POST {base}/tables/{id}/copied},
   * which is then sent with a body. Otherwise a table is truncated before it is copied.
   *
   * @param value whether it does; default false
   * @return this builder
   */
  public HttpDestinationBuilder replacesTables(boolean value) {
    replacesTables = value;
    return this;
  }

  /**
   * Limits the size of a body before compression. A larger batch is split; a single row or event is
   * sent by itself, whatever its size.
   *
   * @param value bytes; default 1 MiB, at least 1 KiB
   * @return this builder
   */
  public HttpDestinationBuilder maxBodyBytes(int value) {
    maxBodyBytes = value;
    return this;
  }

  /**
   * Limits the time to make a connection.
   *
   * @param value the time; default 5 seconds
   * @return this builder
   */
  public HttpDestinationBuilder connectTimeout(Duration value) {
    connectTimeout = Objects.requireNonNull(value, "connectTimeout");
    return this;
  }

  /**
   * Limits the time of one attempt, up to the last byte of the answer.
   *
   * @param value the time; default 10 seconds
   * @return this builder
   */
  public HttpDestinationBuilder requestTimeout(Duration value) {
    requestTimeout = Objects.requireNonNull(value, "requestTimeout");
    return this;
  }

  /**
   * Limits the time of all attempts at a request, delays included.
   *
   * @param value the time; default 2 minutes
   * @return this builder
   */
  public HttpDestinationBuilder totalTimeout(Duration value) {
    totalTimeout = Objects.requireNonNull(value, "totalTimeout");
    return this;
  }

  /**
   * Limits the attempts at a request.
   *
   * @param value how many, the first included; default 3
   * @return this builder
   */
  public HttpDestinationBuilder maxAttempts(int value) {
    maxAttempts = value;
    return this;
  }

  /**
   * Sets the delay before the second attempt; it doubles with each further one.
   *
   * @param value the delay; default 500 milliseconds
   * @return this builder
   */
  public HttpDestinationBuilder retryDelay(Duration value) {
    retryDelay = Objects.requireNonNull(value, "retryDelay");
    return this;
  }

  /**
   * Limits the delay between attempts, including {@code Retry-After}: if the receiver asks for
   * more, the call fails and the pipeline's own retries take over.
   *
   * @param value the longest delay; default 30 seconds
   * @return this builder
   */
  public HttpDestinationBuilder maxRetryDelay(Duration value) {
    maxRetryDelay = Objects.requireNonNull(value, "maxRetryDelay");
    return this;
  }

  /**
   * Sets the maximum jitter as a fraction of the delay.
   *
   * @param value the fraction, 0 to 1; default 0.25
   * @return this builder
   */
  public HttpDestinationBuilder retryJitter(double value) {
    retryJitter = value;
    return this;
  }

  /**
   * Sets which statuses are retried.
   *
   * @param value the statuses; default 408, 425, 429 and 500 to 599
   * @return this builder
   */
  public HttpDestinationBuilder retriedStatuses(Set<Integer> value) {
    retriedStatuses = Set.copyOf(value);
    return this;
  }

  /**
   * Sends headers of your own. The supplier is called at each attempt. The headers are never
   * printed: they may be credentials.
   *
   * @param value supplies the current headers
   * @return this builder
   */
  public HttpDestinationBuilder headers(Supplier<Map<String, String>> value) {
    headers = Objects.requireNonNull(value, "headers");
    return this;
  }

  /**
   * Sends {@code Authorization: Bearer}. The supplier is called at each attempt, and a 401 is
   * retried if the token has changed.
   *
   * @param value supplies the current token
   * @return this builder
   */
  public HttpDestinationBuilder bearerToken(Supplier<Secret> value) {
    bearerToken = Objects.requireNonNull(value, "bearerToken");
    return this;
  }

  /**
   * Signs requests according to Standard Webhooks: {@code webhook-id}, {@code webhook-timestamp}
   * and {@code webhook-signature}, an HMAC-SHA256 over both and the body as sent.
   *
   * @param value supplies the current key: base64 behind {@code whsec_}, or any text
   * @return this builder
   */
  public HttpDestinationBuilder signingKey(Supplier<Secret> value) {
    signingKey = Objects.requireNonNull(value, "signingKey");
    return this;
  }

  /**
   * Trusts the given authorities instead of the JVM's. Host names are always verified.
   *
   * @param value their certificates in PEM
   * @return this builder
   */
  public HttpDestinationBuilder trustedRootCerts(String value) {
    trustedRootCerts = Objects.requireNonNull(value, "trustedRootCerts");
    return this;
  }

  /**
   * Sets the client certificate.
   *
   * @param chain the certificate in PEM, those of its issuers behind it
   * @param key its key in PEM, not encrypted: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC)
   * @return this builder
   */
  public HttpDestinationBuilder clientCertificate(String chain, Secret key) {
    clientCertificate = Objects.requireNonNull(chain, "chain");
    clientKey = Objects.requireNonNull(key, "key");
    return this;
  }

  /**
   * Sets trust and identity in one, instead of {@link #trustedRootCerts} and {@link
   * #clientCertificate}.
   *
   * @param value the context
   * @return this builder
   */
  public HttpDestinationBuilder sslContext(SSLContext value) {
    sslContext = Objects.requireNonNull(value, "sslContext");
    return this;
  }

  /**
   * Prefers a version of HTTP.
   *
   * @param value the version; default 2 for {@code https}, and 1.1 for {@code http}, where many
   *     receivers mishandle the upgrade
   * @return this builder
   */
  public HttpDestinationBuilder httpVersion(HttpClient.Version value) {
    httpVersion = Objects.requireNonNull(value, "httpVersion");
    return this;
  }

  /**
   * Passes rows and events that the receiver refuses to a consumer, and continues with the rest.
   * Status 400, 413 and 422 are refusals, for rows 409 too. To find them, a refused batch is halved
   * until they are isolated. A request that may have been taken in an earlier attempt is repeated
   * first. By default a refused batch fails.
   *
   * @param value receives refused items; closed with the destination
   * @return this builder
   */
  public HttpDestinationBuilder deadLetters(DeadLetterConsumer value) {
    deadLetters = Objects.requireNonNull(value, "deadLetters");
    return this;
  }

  /**
   * Limits how many items of a table in a row may be refused before the receiver counts as refusing
   * all of it, which fails the call for that table.
   *
   * @param value how many; default 100
   * @return this builder
   */
  public HttpDestinationBuilder deadLetterLimit(int value) {
    deadLetterLimit = value;
    return this;
  }

  HttpDestinationBuilder time(TimeSource value) {
    time = value;
    return this;
  }

  /**
   * {@return the destination}
   *
   * @throws IllegalArgumentException if settings are not valid; its message lists them all, and no
   *     secret
   */
  public HttpDestination build() {
    List<String> problems = new ArrayList<>();
    URI base = base(problems);
    checkNumbers(problems);
    SSLContext tls = tls(problems);
    if (base == null || !problems.isEmpty()) {
      throw new IllegalArgumentException(
          "HTTP destination is not valid: " + String.join("; ", problems));
    }
    return new HttpDestination(settings(base, tls));
  }

  private HttpSettings settings(URI base, @Nullable SSLContext tls) {
    HttpClient.Version byScheme =
        base.getScheme().equalsIgnoreCase("https")
            ? HttpClient.Version.HTTP_2
            : HttpClient.Version.HTTP_1_1;
    return new HttpSettings(
        base,
        source,
        format,
        gzip,
        announceEmptyTables,
        announceCopies,
        removesRanges,
        replacesTables,
        maxBodyBytes,
        new RequestLimits(connectTimeout, requestTimeout, totalTimeout),
        new RetryRules(maxAttempts, retryDelay, maxRetryDelay, retryJitter, retriedStatuses),
        new Credentials(headers == null ? Map::of : headers, bearerToken, signingKey),
        headers != null || bearerToken != null,
        tls,
        httpVersion == null ? byScheme : httpVersion,
        deadLetters,
        deadLetterLimit,
        time);
  }

  /** The problems do not contain the address: it may hold a token. */
  private @Nullable URI base(List<String> problems) {
    URI base = Address.parse(baseUrl.strip(), problems);
    if (base == null) {
      return null;
    }
    String scheme = String.valueOf(base.getScheme()).toLowerCase(Locale.ROOT);
    require(scheme.matches("https?"), "baseUrl must begin with http:// or https://", problems);
    require(base.getHost() != null, "baseUrl has no host", problems);
    require(
        base.getPort() != 0 && base.getPort() <= Address.MAX_PORT,
        "baseUrl has port " + base.getPort() + ", which must be from 1 to " + Address.MAX_PORT,
        problems);
    require(base.getRawFragment() == null, "baseUrl must not have a fragment", problems);
    require(
        base.getRawUserInfo() == null,
        "baseUrl must not have a user or password: use headers or bearerToken",
        problems);
    return base;
  }

  private void checkNumbers(List<String> problems) {
    require(
        maxBodyBytes >= SMALLEST_BODY,
        "maxBodyBytes must be at least " + SMALLEST_BODY + ", is " + maxBodyBytes,
        problems);
    requirePositive("connectTimeout", connectTimeout, problems);
    requirePositive("requestTimeout", requestTimeout, problems);
    requirePositive("totalTimeout", totalTimeout, problems);
    requirePositive("retryDelay", retryDelay, problems);
    requirePositive("maxRetryDelay", maxRetryDelay, problems);
    require(maxAttempts > 0, "maxAttempts must be positive, is " + maxAttempts, problems);
    require(
        retryJitter >= 0 && retryJitter <= 1,
        "retryJitter must be from 0 to 1, is " + retryJitter,
        problems);
    require(
        deadLetterLimit > 0, "deadLetterLimit must be positive, is " + deadLetterLimit, problems);
    require(
        retriedStatuses.stream().allMatch(status -> status >= 400 && status < 600),
        "retriedStatuses must be from 400 to 599",
        problems);
  }

  private @Nullable SSLContext tls(List<String> problems) {
    boolean inParts = !trustedRootCerts.isBlank() || clientKey != null;
    if (sslContext != null || !inParts) {
      require(
          sslContext == null || !inParts,
          "sslContext replaces trustedRootCerts and clientCertificate",
          problems);
      return sslContext;
    }
    try {
      return PemTls.context(trustedRootCerts, clientCertificate, clientKey);
    } catch (GeneralSecurityException e) {
      problems.add("trustedRootCerts or clientCertificate: " + e.getMessage());
      return null;
    }
  }

  private static void requirePositive(String setting, Duration value, List<String> problems) {
    require(
        value.compareTo(Duration.ZERO) > 0, setting + " must be positive, is " + value, problems);
  }

  private static void require(boolean holds, String problem, List<String> problems) {
    if (!holds) {
      problems.add(problem);
    }
  }
}
