package dev.pgetl.destination.http.transport;

import dev.pgetl.config.Secret;
import dev.pgetl.destination.http.transport.Outcome.Answered;
import dev.pgetl.destination.http.transport.Outcome.Unanswered;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes one attempt at a request, redirections inside the receiver included. Thread-safe. */
public final class HttpTransport {
  private static final int MAX_REDIRECTS = 5;

  private final HttpClient client;
  private final Credentials credentials;
  private final TimeSource time;

  /**
   * Creates a transport.
   *
   * @param client makes the connections; must not follow redirections itself
   * @param credentials asked for each attempt
   * @param time time stamps the signature
   */
  public HttpTransport(HttpClient client, Credentials credentials, TimeSource time) {
    this.client = client;
    this.credentials = credentials;
    this.time = time;
  }

  /**
   * {@return the outcome of one attempt}
   *
   * @throws EtlException what the epoch of the call throws: no request is sent then
   */
  Outcome attempt(Call call, Duration limit) throws InterruptedException {
    long deadline = time.nanoTime().getAsLong() + limit.toNanos();
    SentHeaders secrets = credentials.headers();
    Call current = call;
    for (int hop = 0; ; hop++) {
      RequestBody.Sending body = call.body().new Sending();
      HttpRequest request = request(current, body, secrets);
      long left = deadline - time.nanoTime().getAsLong();
      current.epoch().require(); // nothing but the exchange comes behind it
      Outcome outcome = exchange(request, body, secrets, left);
      URI next = hop < MAX_REDIRECTS ? redirection(current.uri(), outcome) : current.uri();
      if (next.equals(current.uri())) {
        return outcome;
      }
      current = current.redirectedTo(next);
    }
  }

  /** {@return whether the current credentials differ from those} */
  boolean hasOtherCredentialsThan(SentHeaders sent) {
    return !credentials.headers().equals(sent);
  }

  private HttpRequest request(Call call, RequestBody.Sending body, SentHeaders secrets) {
    Map<String, String> headers = new HashMap<>(call.headers());
    headers.putAll(secrets.values());
    Secret key = credentials.signingKey();
    if (key != null) {
      headers.putAll(Signature.headers(key, call.id(), time.clock().instant(), call.body()));
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri()).method(call.method(), body.publisher());
    headers.forEach((name, value) -> setHeader(request, name, value));
    return request.build();
  }

  /** The client's own exception has the value in its text. */
  private static void setHeader(HttpRequest.Builder request, String name, String value) {
    try {
      request.setHeader(name, value);
    } catch (IllegalArgumentException e) {
      throw new EtlException(
          ErrorKind.CONFIGURATION,
          "header " + name + " is not one a client may set, or its value has forbidden characters");
    }
  }

  /**
   * Sends and waits for the whole answer: the time limit of the client ends with the head of the
   * answer, so it is kept here.
   */
  private Outcome exchange(
      HttpRequest request, RequestBody.Sending body, SentHeaders secrets, long limit)
      throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, head -> new AnswerReader());
    try {
      return answered(answer.get(limit, TimeUnit.NANOSECONDS), secrets);
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new Unanswered("no complete answer in time", null, false, body.end());
    } catch (ExecutionException e) {
      return ConnectionTrouble.describe(e, body.end());
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    }
  }

  private static Answered answered(HttpResponse<byte[]> response, SentHeaders secrets) {
    return new Answered(
        response.statusCode(),
        header(response, "Content-Type"),
        header(response, "Location"),
        header(response, "Retry-After"),
        header(response, "Date"),
        response.body(),
        secrets);
  }

  private static String header(HttpResponse<byte[]> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /**
   * {@return where to go next: the same address, unless the receiver moved the request inside
   * itself}
   */
  private static URI redirection(URI current, Outcome outcome) {
    if (!(outcome instanceof Answered answer)
        || (answer.status() != 307 && answer.status() != 308)
        || answer.location().isEmpty()) {
      return current;
    }
    try {
      URI next = current.resolve(answer.location());
      return isSameOrigin(current, next) ? next : current;
    } catch (IllegalArgumentException notAnAddress) {
      return current;
    }
  }

  private static boolean isSameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
