package dev.pgetl.internal.decode;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the messages of one replication session, one after the other.
 *
 * <p>A transaction's {@code Begin} is given only when something of it is, and its {@code Commit}
 * only then. Every change of a transaction counts for the ordinal, delivered or not, so that the
 * ordinal of a change is the same in every replay: changes have even ordinals from 2, and a {@code
 * Relation} event the odd one before the change that made it due. A truncate counts once for each
 * of its tables and has the last of these ordinals. None of this depends on the format of values.
 *
 * <p>Owned by one thread. Throws {@link dev.pgetl.error.EtlException} of kind {@code
 * SOURCE_PROTOCOL} for bytes that are no message. See "Logical Replication Message Formats" in the
 * Postgres manual.
 */
public final class PgOutputDecoder {
  private static final long MICROS_TO_2000 = 946_684_800_000_000L;
  private static final int EVENT_OVERHEAD = 160;
  private static final int COLUMN_OVERHEAD = 8;

  private final StreamTables tables;
  private final EventSink sink;
  private final Lsn from;
  private final ValueFormat format;
  private final RelationCache relations;
  private final WireReader in = new WireReader();

  private @Nullable Transaction transaction;
  private boolean skipped;
  private boolean begun;
  private long ordinal;
  private int messageLength;

  /**
   * Creates a decoder for a new session.
   *
   * @param tables what the stream does not say
   * @param sink where events go
   * @param from transactions committed before it are dropped: they are durable in the destination
   * @param format in what format values were asked for
   */
  public PgOutputDecoder(StreamTables tables, EventSink sink, Lsn from, ValueFormat format) {
    this.tables = tables;
    this.sink = sink;
    this.from = from;
    this.format = format;
    this.relations = new RelationCache(tables);
  }

  /** {@return whether the last message was inside a transaction} */
  public boolean inTransaction() {
    return transaction != null;
  }

  /**
   * Decodes a message.
   *
   * @param bytes holds the message; kept by the rows made of it
   * @param offset where it begins
   * @param length how long it is
   */
  public void decode(byte[] bytes, int offset, int length) {
    in.reset(bytes, offset, length);
    messageLength = length;
    byte kind = in.int8();
    switch (kind) {
      case 'I' -> insert();
      case 'U' -> update();
      case 'D' -> delete();
      case 'B' -> begin();
      case 'C' -> commit();
      case 'R' -> relations.remember(in);
      case 'T' -> truncate();
      case 'M' -> message();
      case 'O', 'Y' -> in.skip(in.remaining());
      case 'A' ->
          in.skip(in.remaining()); // Postgres 18 sends stray ones for rolled back transactions
      default -> throw WireReader.malformed("unknown message type " + (kind & 0xFF));
    }
    in.requireEnd();
  }

  private void begin() {
    if (transaction != null) {
      throw WireReader.malformed("a transaction begins inside another");
    }
    Lsn commitLsn = new Lsn(in.int64());
    Instant commitTime = instant(in.int64());
    transaction = new Transaction(commitLsn, commitTime, in.uint32());
    skipped = commitLsn.isBefore(from);
    begun = false;
    ordinal = 0;
    if (!skipped) {
      tables.begin(transaction);
    }
  }

  private void commit() {
    Transaction ended = current();
    in.int8();
    in.int64();
    Lsn endLsn = new Lsn(in.int64());
    in.int64();
    if (begun) {
      emit(new Event.Commit(ended, ordinal + 2, endLsn), 0);
    }
    transaction = null;
    if (!skipped) {
      sink.boundary(endLsn);
    }
  }

  private void insert() {
    RelationCache.Relation relation = relations.get(in);
    TableSchema version = nextVersion(relation);
    if (in.int8() != 'N') {
      throw WireReader.malformed("an insert has no new row");
    }
    if (version == null) {
      in.skip(in.remaining());
      return;
    }
    int[] bounds = TupleReader.read(in, version, format);
    int absent = TupleReader.firstAbsent(bounds);
    if (absent >= 0) {
      tables.incomplete(version, absent);
    }
    emit(new Event.Insert(current(), ordinal, version, row(version, bounds)), bounds.length);
  }

  private void update() {
    RelationCache.Relation relation = relations.get(in);
    TableSchema version = nextVersion(relation);
    if (version == null) {
      in.skip(in.remaining());
      return;
    }
    byte kind = in.int8();
    int[] old = null;
    OldRow oldRow = null;
    if (kind == 'O' || kind == 'K') {
      old = old(version);
      oldRow = oldRow(version, old);
      kind = in.int8();
    }
    if (kind != 'N') {
      throw WireReader.malformed("an update has no new row");
    }
    int[] bounds = TupleReader.read(in, version, format);
    if (old != null) {
      TupleReader.fillAbsent(bounds, old);
    }
    Event event = new Event.Update(current(), ordinal, version, row(version, bounds), oldRow);
    emit(event, old == null ? bounds.length : 2 * bounds.length);
  }

  private void delete() {
    RelationCache.Relation relation = relations.get(in);
    TableSchema version = nextVersion(relation);
    if (version == null) {
      in.skip(in.remaining());
      return;
    }
    byte kind = in.int8();
    if (kind != 'O' && kind != 'K') {
      throw WireReader.malformed("a delete has no old row");
    }
    int[] bounds = old(version);
    emit(new Event.Delete(current(), ordinal, version, oldRow(version, bounds)), bounds.length);
  }

  /**
   * {@return the bounds of an old row} Postgres marks it as whole by the identity of the described
   * table, and fills it by that of the partition the row is in; the version has the latter.
   */
  private int[] old(TableSchema version) {
    int[] bounds = TupleReader.read(in, version, format);
    if (!isWhole(version)) {
      TupleReader.keepKey(bounds);
    }
    return bounds;
  }

  private OldRow oldRow(TableSchema version, int[] bounds) {
    OldRowKind kind = isWhole(version) ? OldRowKind.FULL : OldRowKind.KEY;
    return new OldRow(kind, row(version, bounds));
  }

  private static boolean isWhole(TableSchema version) {
    return version.replicaIdentity() == ReplicaIdentity.FULL;
  }

  private void truncate() {
    int count = in.int32();
    byte flags = in.int8();
    if (count < 0) {
      throw WireReader.malformed("a truncate of " + count + " tables");
    }
    Transaction inside = current();
    List<TableSchema> truncated = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TableSchema version = nextVersion(relations.get(in));
      if (version != null) {
        truncated.add(version);
      }
    }
    if (!truncated.isEmpty()) {
      emit(new Event.Truncate(inside, ordinal, truncated, (flags & 1) != 0, (flags & 2) != 0), 0);
    }
  }

  private void message() {
    boolean transactional = (in.int8() & 1) != 0;
    Lsn lsn = new Lsn(in.int64());
    String prefix = in.string();
    int length = in.int32();
    in.require(length);
    ByteBuffer content = ByteBuffer.wrap(in.bytes(), in.position(), length).slice();
    in.skip(length);
    if (transactional) {
      Transaction inside = current();
      ordinal += 2;
      if (!skipped && tables.acceptsMessage(prefix)) {
        emit(new Event.Message(inside, ordinal, true, lsn, prefix, content), 0);
      }
    } else if (!lsn.isBefore(from) && tables.acceptsMessage(prefix)) {
      Transaction none = new Transaction(lastByteBefore(lsn), Instant.EPOCH, 0);
      sink.event(
          new Event.Message(none, 0, false, lsn, prefix, content), EVENT_OVERHEAD + messageLength);
      sink.boundary(lsn);
    }
  }

  /**
   * {@return a position inside of a message's record} Behind the record another one may begin: that
   * of a commit, whose position is the key of a transaction.
   */
  private static Lsn lastByteBefore(Lsn end) {
    return end.equals(Lsn.ZERO) ? end : end.plus(-1);
  }

  /**
   * Counts a row change; returns the version its row has, or null if the change is not for this
   * stream.
   */
  private @Nullable TableSchema nextVersion(RelationCache.Relation relation) {
    Transaction inside = current();
    ordinal += 2;
    return version(relation, inside);
  }

  private @Nullable TableSchema version(RelationCache.Relation relation, Transaction inside) {
    if (skipped || !relations.accepts(relation, inside.commitLsn())) {
      return null;
    }
    TableSchema announced = relation.announced();
    if (announced == null) {
      announced = announce(relation, inside);
    }
    return announced;
  }

  private TableSchema announce(RelationCache.Relation relation, Transaction inside) {
    TableSchema before = relations.before(relation, inside.commitLsn());
    Lsn holdsFrom = inside.commitLsn().plus(1);
    TableSchema version =
        tables.complete(relation.wire().toBuilder().snapshotLsn(holdsFrom).build(), before);
    if (before != null && isSame(before, version)) {
      requireReadable(before);
      relation.announce(before);
      return before;
    }
    requireReadable(version);
    tables.introduce(version);
    relation.announce(version);
    emit(new Event.Relation(inside, ordinal - 1, version), 0);
    return version;
  }

  private static boolean isSame(TableSchema before, TableSchema version) {
    return before.equals(version.toBuilder().snapshotLsn(before.snapshotLsn()).build());
  }

  private void requireReadable(TableSchema version) {
    if (format == ValueFormat.BINARY && !WireRow.readsBinary(version)) {
      throw tables.binaryNotRead(version);
    }
  }

  private TableRow row(TableSchema version, int[] bounds) {
    return WireRow.of(version, in.bytes(), bounds);
  }

  private void emit(Event event, int boundCount) {
    if (!begun) {
      begun = true;
      sink.event(new Event.Begin(event.transaction()), EVENT_OVERHEAD);
    }
    sink.event(event, EVENT_OVERHEAD + messageLength + boundCount * COLUMN_OVERHEAD / 2);
  }

  private Transaction current() {
    if (transaction == null) {
      throw WireReader.malformed("a change outside a transaction");
    }
    return transaction;
  }

  private static Instant instant(long microsSince2000) {
    long micros = microsSince2000 + MICROS_TO_2000;
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
  }
}
