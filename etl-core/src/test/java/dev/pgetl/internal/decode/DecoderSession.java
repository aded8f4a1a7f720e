package dev.pgetl.internal.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.row.TextOnlyColumns;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A decoder with tables that remember what they are asked, and a sink that keeps everything. */
final class DecoderSession implements StreamTables, EventSink {
  /** What the failure says of a table that is not read in binary format. */
  static final String NOT_READ = "not in binary: ";

  private final PgOutputDecoder decoder;
  private final List<Event> events = new ArrayList<>();
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Lsn> boundaries = new ArrayList<>();
  private final List<Lsn> begun = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();
  private final Set<String> prefixes = new HashSet<>();
  private final Map<TableId, NavigableMap<Lsn, TableSchema>> versions = new HashMap<>();
  private Predicate<TableId> accepted = table -> true;
  private BiFunction<TableSchema, @Nullable TableSchema, TableSchema> catalog =
      (wire, before) -> before != null && before.sameOnTheWire(wire) ? before : wire;
  private long generation = 1;

  DecoderSession() {
    this(Lsn.ZERO);
  }

  DecoderSession(Lsn from) {
    this(from, ValueFormat.TEXT);
  }

  private DecoderSession(Lsn from, ValueFormat format) {
    decoder = new PgOutputDecoder(this, this, from, format);
  }

  /** Values were asked for in binary format; types of columns are known. */
  static DecoderSession inBinary() {
    return new DecoderSession(Lsn.ZERO, ValueFormat.BINARY);
  }

  /** From now on the stream delivers only these tables. */
  DecoderSession accepting(long... oids) {
    accepted = table -> Arrays.stream(oids).anyMatch(oid -> oid == table.oid());
    return this;
  }

  /** All tables have left the stream and come back since it was last asked. */
  DecoderSession nextGeneration() {
    generation++;
    return this;
  }

  /** The catalogue completes descriptions so. */
  DecoderSession completing(UnaryOperator<TableSchema> catalogue) {
    catalog = (wire, before) -> catalogue.apply(wire);
    return this;
  }

  DecoderSession acceptingMessages(String... accepting) {
    prefixes.addAll(List.of(accepting));
    return this;
  }

  /** The store knows a version. */
  DecoderSession knowing(TableSchema version) {
    versions
        .computeIfAbsent(version.id(), id -> new TreeMap<>())
        .put(version.snapshotLsn(), version);
    return this;
  }

  /** Decodes messages one after the other. */
  DecoderSession decode(byte[]... messages) {
    for (byte[] message : messages) {
      decoder.decode(message, 0, message.length);
    }
    return this;
  }

  PgOutputDecoder decoder() {
    return decoder;
  }

  List<Event> events() {
    return events;
  }

  /** {@return the one event of a class} */
  <E extends Event> E only(Class<E> type) {
    List<E> found = all(type);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  <E extends Event> List<E> all(Class<E> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** {@return the classes of the events, in order} */
  List<String> kinds() {
    return events.stream().map(event -> event.getClass().getSimpleName()).toList();
  }

  List<Long> ordinals() {
    return events.stream().map(Event::txOrdinal).toList();
  }

  int sizeOf(Event event) {
    return sizes.get(events.indexOf(event));
  }

  List<Lsn> boundaries() {
    return boundaries;
  }

  /** {@return the tables of which a version was introduced or known before} */
  List<Long> introduced() {
    return versions.keySet().stream().map(TableId::oid).toList();
  }

  /** {@return the transactions the stream was told of} */
  List<Lsn> begun() {
    return begun;
  }

  /** {@return the tables asked for, as {@code oid@commitLsn}} */
  List<String> asked() {
    return asked;
  }

  @Override
  public void event(Event event, int bytes) {
    events.add(event);
    sizes.add(bytes);
  }

  @Override
  public void boundary(Lsn endLsn) {
    boundaries.add(endLsn);
  }

  @Override
  public void begin(Transaction transaction) {
    begun.add(transaction.commitLsn());
  }

  @Override
  public long generation(TableId table, Lsn commitLsn) {
    asked.add(table + "@" + commitLsn);
    return accepted.test(table) ? generation : NOT_OURS;
  }

  @Override
  public boolean acceptsMessage(String prefix) {
    return prefixes.contains(prefix);
  }

  @Override
  public EtlException binaryNotRead(TableSchema version) {
    return new EtlException(ErrorKind.SOURCE_DATA, NOT_READ + TextOnlyColumns.of(version));
  }

  @Override
  public @Nullable TableSchema versionBefore(TableId table, Lsn commitLsn) {
    NavigableMap<Lsn, TableSchema> known = versions.get(table);
    Map.Entry<Lsn, TableSchema> newest = known == null ? null : known.floorEntry(commitLsn);
    return newest == null ? null : newest.getValue();
  }

  @Override
  public TableSchema complete(TableSchema wire, @Nullable TableSchema before) {
    return catalog.apply(wire, before);
  }

  @Override
  public void introduce(TableSchema version) {
    knowing(version);
  }

  /** {@return the text of every column; {@code (null)} and {@code (absent)} for the others} */
  static List<String> cells(TableRow row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.table().columnCount(); i++) {
      String text = row.isPresent(i) && !row.isNull(i) ? row.text(i) : null;
      cells.add(text != null ? text : row.isPresent(i) ? "(null)" : "(absent)");
    }
    return cells;
  }

  /** The decoder refuses a message that follows others. */
  static void assertRejected(byte[] message, byte[]... before) {
    assertRejected(message, message.length, before);
  }

  /**
   * The decoder refuses every beginning of a message, and the message with something behind it; the
   * message itself it takes. The missing bytes are there, behind the end it is told of.
   */
  static void assertTakesNothingButTheWhole(byte[] message, byte[]... before) {
    new DecoderSession().decode(before).decode(message);
    for (int length = 0; length < message.length; length++) {
      assertRejected(message, length, before);
    }
    assertRejected(Arrays.copyOf(message, message.length + 1), before);
  }

  private static void assertRejected(byte[] message, int length, byte[]... before) {
    PgOutputDecoder decoder = new DecoderSession().decode(before).decoder();
    assertThatExceptionOfType(EtlException.class)
        .as("first %d of %d bytes", length, message.length)
        .isThrownBy(() -> decoder.decode(message, 0, length))
        .returns(ErrorKind.SOURCE_PROTOCOL, EtlException::kind)
        .withMessageStartingWith("reading a pgoutput message failed: ");
  }

  @Override
  public void incomplete(TableSchema version, int column) {
    asked.add("incomplete " + version.id() + " " + version.column(column).name());
  }
}
