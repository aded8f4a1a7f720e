package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.destination.http.json.TableJson;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;

/**
 * Dead letters in a file, one JSON object per line, each on disk before the delivery continues. The
 * file holds cell values; it is made readable by its owner only, where the file system knows
 * owners.
 *
 * <p>To take letters away, rename the file: later letters go to a new one under the old name.
 *
 * <p>Thread-safe. Several destinations may write to one file; those of several processes if it is
 * on a local file system.
 */
public final class FileDeadLetters implements DeadLetterConsumer {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final LineFile file;
  private final InstantSource clock;

  /**
   * Creates the file if there is none.
   *
   * @param file where the letters go; its directory must exist
   * @throws EtlException of kind {@code CONFIGURATION} if the file cannot be written
   */
  public FileDeadLetters(Path file) {
    this(new LineFile(Objects.requireNonNull(file, "file")), InstantSource.system());
  }

  FileDeadLetters(LineFile file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
    try {
      file.check();
    } catch (IOException e) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "open dead-letter file " + file + " failed", e)
          .withFix("Check that its directory exists and that this process may write there");
    }
  }

  @Override
  public void accept(DeadLetter letter) {
    try {
      file.append(line(letter));
    } catch (IOException e) {
      throw new EtlException(
              ErrorKind.DESTINATION_UNAVAILABLE, "write dead letter to " + file + " failed", e)
          .withFix("Check the disk and the directory; the item is sent again until it is written");
    }
  }

  private byte[] line(DeadLetter letter) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(line)) {
      DeliveryRequest request = letter.request();
      json.writeStartObject();
      json.writeStringField("at", clock.instant().toString());
      json.writeStringField("kind", request.kind().name().toLowerCase(Locale.ROOT));
      json.writeStringField("request_key", request.key());
      if (!request.source().isEmpty()) {
        json.writeStringField("source", request.source());
      }
      json.writeArrayFieldStart("tables");
      for (TableSchema table : request.tables()) {
        json.writeStartObject();
        TableJson.writeMembers(table, json);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("status", letter.status());
      json.writeStringField("answer", letter.answer());
      json.writeFieldName("item");
      json.writeRawValue(onOneLine(letter.item()));
      json.writeEndObject();
    }
    line.write('\n');
    return line.toByteArray();
  }

  /** A format of the user's own may write line breaks, which stand between tokens of JSON only. */
  private static String onOneLine(ByteBuffer item) {
    return StandardCharsets.UTF_8.decode(item).toString().replace('\n', ' ').replace('\r', ' ');
  }

  @Override
  public String toString() {
    return "FileDeadLetters[" + file + "]";
  }
}
