package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;

/**
 * Dead letters in a file, one JSON object per line, each on disk before the delivery continues. The
 * file holds cell values; it is made readable by its owner only, where the file system knows
 * owners.
 *
 * <p>Thread-safe. One process at a time writes to a file.
 */
public final class FileDeadLetters implements DeadLetterConsumer {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final Object lock = new Object();
  private final Path file;
  // Not a channel: an interrupt would close it for all threads.
  private final FileOutputStream out;
  private final InstantSource clock;
  private boolean torn;

  /**
   * Opens the file, and creates it if there is none.
   *
   * @param file where the letters go; its directory must exist
   * @throws EtlException of kind {@code CONFIGURATION} if the file cannot be opened
   */
  public FileDeadLetters(Path file) {
    this(file, InstantSource.system());
  }

  FileDeadLetters(Path file, InstantSource clock) {
    this.file = Objects.requireNonNull(file, "file");
    this.clock = clock;
    try {
      create(file);
      torn = endsInALine(file);
      out = new FileOutputStream(file.toFile(), true);
    } catch (IOException e) {
      throw new EtlException(
          ErrorKind.CONFIGURATION, "open dead-letter file " + file + " failed", e);
    }
  }

  private static void create(Path file) throws IOException {
    boolean hasOwners = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        hasOwners
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try {
      Files.createFile(file, ownerOnly);
    } catch (FileAlreadyExistsException ignored) {
      // letters are added to it
    }
  }

  /** A crash may have left half a line. */
  private static boolean endsInALine(Path file) throws IOException {
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
      if (content.length() == 0) {
        return false;
      }
      content.seek(content.length() - 1);
      return content.read() != '\n';
    }
  }

  @Override
  public void accept(DeadLetter letter) {
    try {
      byte[] line = line(letter);
      synchronized (lock) {
        if (torn) {
          out.write('\n');
        }
        torn = true;
        out.write(line);
        out.getFD().sync();
        torn = false;
      }
    } catch (IOException e) {
      throw new EtlException(
          ErrorKind.DESTINATION_UNAVAILABLE, "write dead letter to " + file + " failed", e);
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
      json.writeArrayFieldStart("tables");
      for (TableSchema table : request.tables()) {
        json.writeString(table.name().toString());
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

  /**
   * In JSON, as in a column of type json, a line break occurs between tokens only; a blank may
   * replace it.
   */
  private static String onOneLine(ByteBuffer item) {
    return StandardCharsets.UTF_8.decode(item).toString().replace('\n', ' ').replace('\r', ' ');
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new EtlException(
          ErrorKind.DESTINATION_UNAVAILABLE, "close dead-letter file " + file + " failed", e);
    }
  }

  @Override
  public String toString() {
    return "FileDeadLetters[" + file + "]";
  }
}
