package dev.pgetl.destination.http;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.destination.http.CopyProgress.Beginning;
import dev.pgetl.destination.http.DeliveryRequest.Kind;
import dev.pgetl.destination.http.UnfinishedDeliveries.Started;
import dev.pgetl.destination.http.transport.HttpTransport;
import dev.pgetl.destination.http.transport.RequestBody;
import dev.pgetl.destination.http.transport.RetryingSender;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends rows and events as JSON to an HTTP server.
 *
 * <p>{@code DELETE {base}/tables/{id}/truncate} removes the rows of a table, {@code POST
 * {base}/tables/{id}/rows} carries rows of a copy, {@code POST {base}/events} carries events. If
 * that is asked for, {@code POST {base}/tables/{id}/copied} reports a complete copy, {@code POST
 * {base}/tables/{id}/remove} removes the rows of a range, and {@code POST
 * {base}/tables/{id}/replace} has the rows of a copy kept aside until it is complete. {@code
 * docs/http-destination.md} describes the bodies. A 2xx answer means that the data is durable.
 *
 * <p>A request that fails temporarily is retried. One whose outcome is unknown may thus be accepted
 * twice, but with the same {@code Idempotency-Key}, and events carry their own keys.
 *
 * <p><b>Threads.</b> Safe for concurrent use. Calls send one request at a time each; an interrupt
 * ends a call at once.
 */
public final class HttpDestination implements Destination {
  private static final Logger LOG = LoggerFactory.getLogger(HttpDestination.class);

  private final HttpSettings settings;
  private final Receiver receiver;
  private final Map<TableId, CopyProgress> copies = new ConcurrentHashMap<>();
  private final UnfinishedDeliveries unfinished = new UnfinishedDeliveries();
  private final BodyLimit eventBodyLimit;

  /** Something to be sent. */
  private interface Sending {
    void run(Started started) throws InterruptedException;
  }

  HttpDestination(HttpSettings settings) {
    this.settings = settings;
    this.eventBodyLimit = new BodyLimit(settings.maxBodyBytes());
    HttpTransport transport =
        new HttpTransport(client(settings), settings.credentials(), settings.time());
    this.receiver =
        new Receiver(
            settings,
            new RetryingSender(
                transport, settings.limits(), settings.retryRules(), settings.time()));
  }

  /**
   * {@return a builder}
   *
   * @param baseUrl what the paths of requests are added to, {@code http} or {@code https}, with or
   *     without a trailing slash. Neither its path nor its query is ever printed
   */
  public static HttpDestinationBuilder builder(String baseUrl) {
    return new HttpDestinationBuilder(baseUrl);
  }

  private static HttpClient client(HttpSettings settings) {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.limits().connect())
            .version(settings.httpVersion());
    if (settings.sslContext() != null) {
      client.sslContext(settings.sslContext());
    }
    return client.build();
  }

  @Override
  public String name() {
    return "http";
  }

  @Override
  public void startup() {
    LOG.info("sending to {}", settings);
    if (settings.sendsCredentialsInTheClear()) {
      LOG.warn("credentials are sent unencrypted to {}: use https", settings.origin());
    }
  }

  /** What the last epoch left unfinished is another process's by now. */
  @Override
  public void beginEpoch(Epoch epoch) {
    copies.clear();
    unfinished.beginEpoch(epoch);
  }

  @Override
  public void truncateTable(TableSchema table) {
    CopyProgress progress = progress(table);
    Beginning removal = progress.removal(null);
    copies.put(table.id(), progress.beginning(removal));
    call("DELETE", Kind.TRUNCATE, table, RequestKey.truncate(table.id(), removal.part()), false);
    copies.put(table.id(), progress.after(removal, table));
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    if (!settings.replacesTables()) {
      return false;
    }
    CopyProgress progress = progress(next);
    progress.replacementsBefore(next).forEach(this::replace);
    replace(progress.replacement(next));
    return true;
  }

  private void replace(Beginning beginning) {
    TableSchema next = Objects.requireNonNull(beginning.replacing(), "replacing");
    CopyProgress progress = progress(next);
    copies.put(next.id(), progress.beginning(beginning));
    call("POST", Kind.REPLACE, next, RequestKey.replace(next.id(), beginning.part()), true);
    copies.put(next.id(), progress.after(beginning, next));
  }

  /** What the receiver has answered is durable, also what it keeps aside. */
  @Override
  public boolean continueReplacement(TableSchema next) {
    return settings.replacesTables();
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    if (!settings.removesRanges()) {
      return false;
    }
    CopyProgress progress = progress(table);
    Beginning removal = progress.removal(range);
    copies.put(table.id(), progress.beginning(removal));
    remove(new Batch.Range(table, range, removal.part()), progress.bodyLimit());
    copies.put(table.id(), progress.after(removal, table));
    return true;
  }

  /** A removal that is refused fails: it is no item that the dead letters could keep. */
  private void remove(Batch.Range range, BodyLimit bodyLimit) {
    String key = range.name();
    DeliveryRequest request =
        new DeliveryRequest(range.kind(), settings.source(), List.of(range.table()), 0, key);
    BodyWriter writer = new BodyWriter(settings.format());
    writer.write(range, 0);
    ByteBuffer bounds = writer.items().items(0, 1);
    RequestBody body = RequestBody.of(writer.head(request), bounds, writer.tail(request));
    send(
        key,
        receiver.description(request),
        bodyLimit,
        started -> receiver.call("POST", request, body, bounds, started));
  }

  @Override
  public void tableCopied(TableSchema table) {
    if (settings.announceCopies() || settings.replacesTables()) {
      String key = RequestKey.copied(table.id(), progress(table).part());
      call("POST", Kind.COPIED, table, key, settings.replacesTables());
    }
  }

  /**
   * Sends a request without rows.
   *
   * @param described whether its body describes the table
   */
  private void call(String method, Kind kind, TableSchema table, String key, boolean described) {
    DeliveryRequest request = new DeliveryRequest(kind, settings.source(), List.of(table), 0, key);
    BodyWriter writer = new BodyWriter(settings.format());
    ByteBuffer none = ByteBuffer.allocate(0);
    RequestBody body =
        described
            ? RequestBody.of(writer.head(request), none, writer.tail(request))
            : RequestBody.EMPTY;
    send(
        key,
        receiver.description(request),
        progress(table).bodyLimit(),
        started -> receiver.call(method, request, body, none, started));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    if (rows.isEmpty() && !settings.announceEmptyTables()) {
      return WriteResult.DURABLE;
    }
    CopyProgress progress = progress(table).of(table.snapshotLsn());
    Batch batch = new Batch.Rows(table, rows, progress.part(), progress.rows());
    deliver(batch, progress.bodyLimit());
    copies.put(table.id(), progress.plus(rows.size()));
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    if (!events.isEmpty()) {
      deliver(new Batch.Events(events), eventBodyLimit);
    }
    return WriteResult.DURABLE;
  }

  private CopyProgress progress(TableSchema table) {
    return copies.computeIfAbsent(
        table.id(), id -> CopyProgress.none(new BodyLimit(settings.maxBodyBytes())));
  }

  private void deliver(Batch batch, BodyLimit bodyLimit) {
    send(
        batch.name(),
        "send " + batch + " to " + settings.origin(),
        bodyLimit,
        started -> new Delivery(receiver, settings.format(), batch, started, bodyLimit).run());
  }

  /** Continues what an earlier call of the same name has left unfinished. */
  private void send(String name, String description, BodyLimit bodyLimit, Sending sending) {
    Started started = unfinished.resume(name, bodyLimit.bytes());
    boolean finished = false;
    try {
      sending.run(started);
      finished = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtlException(
          ErrorKind.DESTINATION_UNAVAILABLE, description + " was interrupted", e);
    } finally {
      if (!finished) {
        unfinished.keep(name, started);
      }
    }
  }

  /** Opens a connection to the receiver, and sends nothing; behind a proxy it opens none. */
  @Override
  public List<Finding> diagnose() {
    return ReceiverDoctor.examine(settings);
  }

  @Override
  public void close() {
    if (settings.deadLetters() != null) {
      settings.deadLetters().close();
    }
  }

  @Override
  public String toString() {
    return "HttpDestination[" + settings.origin() + "]";
  }
}
