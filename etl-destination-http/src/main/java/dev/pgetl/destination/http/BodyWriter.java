package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Has a format write the parts of bodies. Owned by one thread. */
final class BodyWriter {
  private static final JsonFactory FACTORY = new JsonFactory().setRootValueSeparator(null);

  private final RequestFormat format;
  private ItemBuffer items;
  private JsonGenerator json;

  BodyWriter(RequestFormat format) {
    this.format = format;
    this.items = new ItemBuffer(bytes(format.separator()), 0);
    this.json = generator(items);
  }

  /** {@return the items written and kept so far; its content does not change any more} */
  ItemBuffer items() {
    return items;
  }

  /** Writes the next item. One that cannot be written is a failure of its table. */
  void write(Batch batch, int index) {
    try {
      items.beginItem();
      batch.write(index, format, json);
      json.flush();
      items.endItem();
    } catch (EtlException e) {
      throw e.tableOid().isPresent() ? e : blamed(batch, index, e);
    } catch (ItemBuffer.FullException e) {
      throw blamed(
          batch,
          index,
          new EtlException(
                  ErrorKind.DESTINATION_REJECTED, "write " + batch + " as JSON: one is over 2 GiB")
              .withFix("Leave the column out of the publication, or drop it by a transform"));
    } catch (IOException | RuntimeException e) {
      throw blamed(batch, index, cannotWrite(e));
    }
  }

  private static EtlException blamed(Batch batch, int index, EtlException failure) {
    List<TableSchema> tables = batch.tables(index, index + 1);
    return tables.size() == 1 ? failure.withTable(tables.get(0).id().oid()) : failure;
  }

  /** Continues with a new buffer that has the items from an index on. */
  void keepFrom(int index) {
    items = items.from(index);
    json = generator(items);
  }

  ByteBuffer head(DeliveryRequest request) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator head = FACTORY.createGenerator(out)) {
      head.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
      format.writeHead(request, head);
    } catch (EtlException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw cannotWrite(e);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  ByteBuffer tail(DeliveryRequest request) {
    return ByteBuffer.wrap(bytes(format.tail(request)));
  }

  private static JsonGenerator generator(ItemBuffer buffer) {
    try {
      return FACTORY.createGenerator(buffer);
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Its text may quote a value. */
  private static EtlException cannotWrite(Exception e) {
    EtlException failure =
        new EtlException(
            ErrorKind.DESTINATION_FAILED, "the request format threw " + e.getClass().getName());
    failure.setStackTrace(e.getStackTrace());
    return failure;
  }
}
