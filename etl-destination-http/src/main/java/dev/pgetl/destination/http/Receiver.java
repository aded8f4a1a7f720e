package dev.pgetl.destination.http;

import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.http.DeliveryRequest.Kind;
import dev.pgetl.destination.http.UnfinishedDeliveries.Fate;
import dev.pgetl.destination.http.UnfinishedDeliveries.Started;
import dev.pgetl.destination.http.transport.AnswerExcerpt;
import dev.pgetl.destination.http.transport.Call;
import dev.pgetl.destination.http.transport.Doubt;
import dev.pgetl.destination.http.transport.Outcome.Answered;
import dev.pgetl.destination.http.transport.RequestBody;
import dev.pgetl.destination.http.transport.RetryingSender;
import dev.pgetl.destination.http.transport.RetryingSender.Result;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The server at the other end: sends requests to it and evaluates the answers. Thread-safe. */
final class Receiver {
  /** Members and values of the format: a receiver's answer may name them. */
  private static final List<String> WORDS_OF_THE_FORMAT =
      List.of(
          "version source tables table table_id schema_version schema_name table_name columns",
          "rows events values absent row old kind full key type ordinal xid commit_lsn commit_time",
          "begin insert update delete truncate relation message commit",
          "ranges column from to");

  private final HttpSettings settings;
  private final RetryingSender sender;
  private final RefusalCount refusals = new RefusalCount();

  Receiver(HttpSettings settings, RetryingSender sender) {
    this.settings = settings;
    this.sender = sender;
  }

  String source() {
    return settings.source();
  }

  /**
   * Sends a request that is taken or fails.
   *
   * @param values the part of the body that holds values
   */
  void call(
      String method, DeliveryRequest request, RequestBody body, ByteBuffer values, Started started)
      throws InterruptedException {
    Response response = send(method, request, body, values, started);
    if (response.verdict() != Verdict.TAKEN) {
      throw response.failure();
    }
  }

  /**
   * Hands the receiver rows or events.
   *
   * @param items the part of the body that holds values
   * @param started knows of earlier attempts
   */
  Response post(DeliveryRequest request, RequestBody body, ByteBuffer items, Started started)
      throws InterruptedException {
    Response response = send("POST", request, body, items, started);
    if (response.verdict() == Verdict.TAKEN) {
      refusals.taken(request.tables());
    }
    return response;
  }

  private Response send(
      String method, DeliveryRequest request, RequestBody body, ByteBuffer items, Started started)
      throws InterruptedException {
    Map<String, String> headers = new HashMap<>(settings.format().headers(request));
    headers.put("Idempotency-Key", request.key());
    Epoch epoch = started.epoch();
    if (epoch != UnfinishedDeliveries.NO_EPOCH) {
      headers.put("Pgetl-Epoch", Long.toString(epoch.number()));
    }
    if (!source().isEmpty()) {
      headers.put("Pgetl-Source", percentEncoded(source()));
    }
    RequestBody sent = body;
    if (body.length() > 0) {
      headers.put("Content-Type", settings.format().contentType());
      if (settings.gzip()) {
        headers.put("Content-Encoding", "gzip");
        sent = body.gzip();
      }
    }
    URI uri = settings.format().uri(settings.baseUrl(), request);
    Call call = new Call(method, uri, headers, request.key(), sent, description(request), epoch);
    Doubt before = started.doubt(request.key(), request.kind());
    started.note(request.key(), Fate.OPEN);
    Response response = new Response(request, sender.send(call, before), items);
    if (!response.isOpen()) {
      started.forget(request.key());
    }
    return response;
  }

  /** A truncation has no body, and tables of two sources may have the same OID. */
  private static String percentEncoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** {@return what a request does, for messages} */
  String description(DeliveryRequest request) {
    String what =
        switch (request.kind()) {
          case TRUNCATE -> "truncate table " + request.table().name();
          case REPLACE -> "begin to replace table " + request.table().name();
          case ROWS -> "send " + request.itemCount() + " rows of table " + request.table().name();
          case REMOVE -> "remove a range of table " + request.table().name();
          case COPIED -> "report the complete copy of table " + request.table().name();
          case EVENTS -> "send " + request.itemCount() + " events";
        };
    return what + " to " + settings.origin();
  }

  /** The receiver's answer to a request. */
  final class Response {
    private final DeliveryRequest request;
    private final Result result;
    private final ByteBuffer items;

    private Response(DeliveryRequest request, Result result, ByteBuffer items) {
      this.request = request;
      this.result = result;
      this.items = items;
    }

    String key() {
      return request.key();
    }

    Verdict verdict() {
      return Verdict.of(result, settings.retryRules().statuses());
    }

    /** Whether the receiver may have the request, though it has not said so. */
    private boolean isOpen() {
      return switch (verdict()) {
        case TAKEN, TOO_LARGE, REFUSED, OVERTAKEN -> false;
        case LATER, UNTRUSTED, MOVED, UNKNOWN_REQUEST ->
            result.doubt().isOwn() || result.outcome().isOpen();
      };
    }

    /** Whether halving helps: it finds the item for the dead letters, or the table that failed. */
    boolean isWorthHalving() {
      return settings.deadLetters() != null || tableIds().count() > 1;
    }

    /** Passes refused items to the dead letters, or fails. */
    void bury() {
      DeadLetterConsumer deadLetters = settings.deadLetters();
      if (deadLetters == null || !(result.outcome() instanceof Answered answer)) {
        throw failure();
      }
      int inARow = refusals.inARow(request.tables()) + 1;
      if (inARow > settings.deadLetterLimit()) {
        throw blamed(
            new EtlException(
                    ErrorKind.DESTINATION_REJECTED,
                    description(request)
                        + " failed: "
                        + inARow
                        + " in a row were refused, "
                        + answer)
                .withFix(
                    "The receiver refuses everything of this table, not single items: see its log"));
      }
      deadLetters.accept(new DeadLetter(request, items, answer.status(), excerpt()));
      refusals.refused(request.tables());
    }

    EtlException failure() {
      return blamed(Failures.of(verdict(), description(request), result, excerpt()));
    }

    private EtlException blamed(EtlException failure) {
      List<Long> tables = tableIds().toList();
      boolean ofATable = failure.kind() == ErrorKind.DESTINATION_REJECTED && isAboutTheTable();
      return ofATable && tables.size() == 1 ? failure.withTable(tables.get(0)) : failure;
    }

    /** Events of all tables go to one address. */
    private boolean isAboutTheTable() {
      return switch (verdict()) {
        case TOO_LARGE, REFUSED -> true;
        case MOVED, UNKNOWN_REQUEST -> request.kind() != Kind.EVENTS;
        case TAKEN, LATER, UNTRUSTED, OVERTAKEN -> false;
      };
    }

    private Stream<Long> tableIds() {
      return request.tables().stream().map(table -> table.id().oid()).distinct();
    }

    private String excerpt() {
      if (!(result.outcome() instanceof Answered answer)) {
        return "";
      }
      List<String> names = new ArrayList<>(WORDS_OF_THE_FORMAT);
      for (TableSchema table : request.tables()) {
        names.add(table.name().toString());
        table.columns().forEach(column -> names.add(column.name() + " " + column.type()));
      }
      return new AnswerExcerpt(names).of(answer, items);
    }
  }
}
