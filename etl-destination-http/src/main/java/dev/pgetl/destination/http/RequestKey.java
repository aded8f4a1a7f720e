package dev.pgetl.destination.http;

import dev.pgetl.destination.http.json.EventJson;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
 * the format. Rows have no keys. Two batches of a copy may well be equal, as those of a table
 * without a primary key. A copy that starts over, or a range that was removed, sends the same rows
 * again, perhaps from another process, which does not know how many were sent before. So a batch of
 * rows is named by the truncation, replacement or removal that it follows, its place behind that,
 * and its JSON.
 */
final class RequestKey {
  /** No key is longer. */
  static final int MAX_LENGTH = 96;

  private static final int HASH_DIGITS = 32;
  private static final int EVENT_BYTES = 4 * Long.BYTES;

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

  static String events(String source, List<Event> events) {
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
    }
    return "events-" + EventJson.key(events.get(0).sequence()) + "-" + digits(hash);
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
