package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.destination.http.json.EventJson;
import dev.pgetl.destination.http.json.TableJson;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * Names requests by their content: the same content has the same name in every attempt, and other
 * content another.
 *
 * <p>Events are named by their own keys, not by their JSON, so that the name survives a change of
 * the format. Their keys do not say everything. Two streams of one process deliver the same {@code
 * truncate}, each for its own tables, and after a restart one stream may deliver it for more of
 * them. A version that is described again may be described in another way, if the catalogue has
 * changed since. So the name covers the truncated tables and the descriptions, too.
 *
 * <p>Rows have no keys. Two batches of a copy may well be equal, as those of a table without a
 * primary key. A copy that starts over, or a range that was removed, sends the same rows again,
 * perhaps from another process, which does not know how many were sent before. So a batch of rows
 * is named by the truncation, replacement or removal that it follows, its place behind that, and
 * its JSON.
 */
final class RequestKey {
  /** No key is longer. */
  static final int MAX_LENGTH = 96;

  private static final int HASH_DIGITS = 32;
  private static final int EVENT_BYTES = 4 * Long.BYTES;
  private static final JsonFactory FACTORY = new JsonFactory();

  private RequestKey() {}

  static String truncate(TableId table, String part) {
    return "truncate-" + table + "-" + part;
  }

  static String replace(TableId table, String part) {
    return "replace-" + table + "-" + part;
  }

  static String remove(TableId table, String part) {
    return "remove-" + table + "-" + part;
  }

  static String copied(TableId table, String part) {
    return "copied-" + table + "-" + part;
  }

  static String rows(
      String source, TableSchema table, String part, long position, ByteBuffer json) {
    MessageDigest hash = sha256();
    hash.update(source.getBytes(StandardCharsets.UTF_8));
    ByteBuffer place = ByteBuffer.allocate(3 * Long.BYTES);
    place.putLong(table.id().oid()).putLong(table.snapshotLsn().value()).putLong(position);
    hash.update(place.flip());
    hash.update(json.duplicate());
    return "rows-" + table.id() + "-" + part + "-" + digits(hash);
  }

  /**
   * Names events.
   *
   * @param tables the versions that describe them
   */
  static String events(String source, List<Event> events, List<TableSchema> tables) {
    MessageDigest hash = sha256();
    hash.update(source.getBytes(StandardCharsets.UTF_8));
    ByteBuffer identity = ByteBuffer.allocate(EVENT_BYTES);
    for (Event event : events) {
      Instant time = event.transaction().commitTime();
      identity.clear();
      identity.putLong(event.sequence().commitLsn().value()).putLong(event.txOrdinal());
      identity.putLong(time.getEpochSecond() * 1_000_000_000 + time.getNano());
      identity.putLong(event instanceof Event.OfTable about ? about.table().id().oid() : 0);
      hash.update(identity.flip());
      if (event instanceof Event.Truncate truncate) {
        addTruncated(truncate.tables(), hash);
      }
    }
    addDescriptions(tables, hash);
    return "events-" + EventJson.key(events.get(0).sequence()) + "-" + digits(hash);
  }

  private static void addTruncated(List<TableSchema> tables, MessageDigest hash) {
    ByteBuffer ids = ByteBuffer.allocate((1 + tables.size()) * Long.BYTES);
    ids.putLong(tables.size());
    tables.forEach(table -> ids.putLong(table.id().oid()));
    hash.update(ids.flip());
  }

  /** All that the receiver may learn of the tables. */
  private static void addDescriptions(List<TableSchema> tables, MessageDigest hash) {
    OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), hash);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      for (TableSchema table : tables) {
        json.writeStartObject();
        TableJson.writeMembers(table, json);
        json.writeEndObject();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digits(MessageDigest hash) {
    return HexFormat.of().formatHex(hash.digest(), 0, HASH_DIGITS / 2);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
