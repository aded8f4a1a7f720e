package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.destination.http.DeliveryRequest;
import dev.pgetl.destination.http.NumberStyle;
import dev.pgetl.destination.http.RequestFormat;
import dev.pgetl.destination.http.RowLayout;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How the destination is configured in a walk.
 *
 * @param letters whether refused items become dead letters
 * @param lines whether bodies have one item per line, and nothing else
 * @param replaces whether the receiver keeps the rows of copies aside until they are complete
 */
record Settings(
    boolean letters,
    boolean lines,
    RowLayout layout,
    NumberStyle numbers,
    boolean gzip,
    boolean binary,
    boolean announce,
    int maxBodyBytes,
    boolean replaces) {

  /** In the format of lines, a copy's position is in a header. */
  static final String VERSION_HEADER = "X-Schema-Version";

  static Settings of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean lines = random.nextInt(3) == 0;
    return new Settings(
        seed % 2 == 0,
        lines,
        lines || random.nextBoolean() ? RowLayout.NAMES : RowLayout.POSITIONS,
        random.nextBoolean() ? NumberStyle.EXACT : NumberStyle.SAFE,
        random.nextInt(3) == 0,
        random.nextInt(3) == 0,
        random.nextBoolean(),
        1 << (11 + random.nextInt(6)),
        random.nextBoolean());
  }

  boolean exact() {
    return numbers == NumberStyle.EXACT;
  }

  RequestFormat format() {
    return lines ? new Lines(layout, numbers) : new RequestFormat(layout, numbers);
  }

  /** The example of docs/http-destination.md. */
  private static final class Lines extends RequestFormat {
    Lines(RowLayout layout, NumberStyle numbers) {
      super(layout, numbers);
    }

    @Override
    public Map<String, String> headers(DeliveryRequest request) {
      return request.kind() == DeliveryRequest.Kind.EVENTS
          ? Map.of()
          : Map.of(VERSION_HEADER, request.table().snapshotLsn().toString());
    }

    @Override
    public String contentType() {
      return "application/x-ndjson";
    }

    @Override
    public void writeHead(DeliveryRequest request, JsonGenerator json) {}

    @Override
    public String separator() {
      return "\n";
    }

    @Override
    public String tail(DeliveryRequest request) {
      return "\n";
    }
  }
}
