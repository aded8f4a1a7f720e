package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.json.EventJson;
import dev.pgetl.destination.http.json.RangeJson;
import dev.pgetl.destination.http.json.RowJson;
import dev.pgetl.destination.http.json.TableJson;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;

/**
 * The form of requests: address, headers and body. This class is version 1 of the format, see
 * {@code docs/http-destination.md}; override what your receiver needs differently.
 *
 * <p>A body is a head, items with a separator between them, and a tail. Items are written once and
 * grouped into requests afterwards, so an item must not depend on its neighbours.
 *
 * <p><b>Rules for subclasses.</b>
 *
 * <ol>
 *   <li><b>F1</b> The same arguments give the same result: a request sent again must not differ.
 *   <li><b>F2</b> An exception must not quote a cell value.
 * </ol>
 *
 * <p><b>Threads.</b> Several threads call at once.
 *
 * <p><b>Failures.</b> An exception about an item fails its table, any other the call.
 */
public class RequestFormat {
  /** Version of the format, the member {@code version} of every body. */
  public static final int VERSION = 1;

  private final RowJson rows;
  private final RangeJson ranges;
  private final EventJson events;

  /** Creates the format with rows by position and safe numbers. */
  public RequestFormat() {
    this(RowLayout.POSITIONS, NumberStyle.SAFE);
  }

  /**
   * Creates the format.
   *
   * @param layout how rows stand
   * @param numbers how large numbers stand
   */
  public RequestFormat(RowLayout layout, NumberStyle numbers) {
    boolean byName = Objects.requireNonNull(layout, "layout") == RowLayout.NAMES;
    boolean exact = Objects.requireNonNull(numbers, "numbers") == NumberStyle.EXACT;
    rows = new RowJson(byName, exact);
    ranges = new RangeJson(exact);
    events = new EventJson(rows);
  }

  /**
   * {@return where a request goes: {@code tables/{id}/truncate}, {@code tables/{id}/replace},
   * {@code tables/{id}/rows}, {@code tables/{id}/remove}, {@code tables/{id}/copied} or {@code
   * events} below the base}
   *
   * @param base the base address, with or without a slash at its end; its query is kept
   * @param request what it is about
   */
  public URI uri(URI base, DeliveryRequest request) {
    return below(
        base,
        switch (request.kind()) {
          case TRUNCATE -> "tables/" + request.table().id() + "/truncate";
          case REPLACE -> "tables/" + request.table().id() + "/replace";
          case ROWS -> "tables/" + request.table().id() + "/rows";
          case REMOVE -> "tables/" + request.table().id() + "/remove";
          case COPIED -> "tables/" + request.table().id() + "/copied";
          case EVENTS -> "events";
        });
  }

  /**
   * {@return an address below another}
   *
   * @param base the other address
   * @param path what follows its path, without a slash in front
   */
  protected static URI below(URI base, String path) {
    String parent = base.getRawPath() == null ? "" : base.getRawPath();
    String slash = parent.endsWith("/") ? "" : "/";
    String query = base.getRawQuery() == null ? "" : "?" + base.getRawQuery();
    return URI.create(
        base.getScheme() + "://" + base.getRawAuthority() + parent + slash + path + query);
  }

  /**
   * {@return headers of a request besides content type, encoding, idempotency key, epoch, source
   * and credentials; none by default}
   *
   * @param request what it is about
   */
  public Map<String, String> headers(DeliveryRequest request) {
    return Map.of();
  }

  /** {@return the content type of a body} */
  public String contentType() {
    return "application/json";
  }

  /**
   * Writes the text before the first item: an object opened, its members before the items, and
   * their array opened. A request of kind {@code REPLACE} or {@code COPIED} has no items.
   *
   * @param request what it is about
   * @param json where to; need not be left complete
   * @throws IOException if it cannot be written
   */
  public void writeHead(DeliveryRequest request, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("version", VERSION);
    if (!request.source().isEmpty()) {
      json.writeStringField("source", request.source());
    }
    if (request.kind() != DeliveryRequest.Kind.EVENTS) {
      TableJson.writeMembers(request.table(), json);
      json.writeArrayFieldStart(request.kind() == DeliveryRequest.Kind.REMOVE ? "ranges" : "rows");
      return;
    }
    json.writeArrayFieldStart("tables");
    for (TableSchema table : request.tables()) {
      json.writeStartObject();
      TableJson.writeMembers(table, json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("events");
  }

  /**
   * Writes a row of a copy.
   *
   * @param row the row
   * @param json where to, between values
   * @throws IOException if it cannot be written
   */
  public void writeRow(TableRow row, JsonGenerator json) throws IOException {
    rows.write(row, json);
  }

  /**
   * Writes a range whose rows are to be removed, the only item of its request.
   *
   * @param table the version of the table the rows have
   * @param range which rows; its bounds are cell values
   * @param json where to, between values
   * @throws IOException if it cannot be written
   */
  public void writeRange(TableSchema table, KeyRange range, JsonGenerator json) throws IOException {
    ranges.write(table, range, json);
  }

  /**
   * Writes an event.
   *
   * @param event the event
   * @param json where to, between values
   * @throws IOException if it cannot be written
   */
  public void writeEvent(Event event, JsonGenerator json) throws IOException {
    events.write(event, json);
  }

  /** {@return the text between two items} */
  public String separator() {
    return ",";
  }

  /**
   * {@return the text after the last item}
   *
   * @param request what it is about
   */
  public String tail(DeliveryRequest request) {
    return "]}";
  }
}
