package dev.pgetl.store.memory;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A quarantine in one file, beside a {@link FileLayer}, but not in its directory. It holds rows as
 * the source sent them: protect it as you protect those.
 *
 * <p>A write appends records with checksums and syncs the file before it returns. An unfinished end
 * is dropped when the file is opened; any other damage is {@link ErrorKind#STORE_CORRUPT}. A file
 * that another process or another object uses is {@link ErrorKind#STORE_LOCKED}. A write that fails
 * is taken back and reported as {@link ErrorKind#STORE_UNAVAILABLE}. The file remembers the last
 * keys of replays: do not delete it.
 *
 * <p>What was removed keeps its space until it is more than half of a file of at least 1 MiB. Then
 * a shorter file is written beside it, with {@code .new} behind its name, synced, and put into its
 * place: when the file is opened, and when events are removed. If that fails, the long file stays
 * in use.
 *
 * <p>All events are also held in memory: see {@code maxEventsPerTable} of the destination.
 * Thread-safe.
 */
public final class FileQuarantine implements Quarantine {
  private static final Logger LOG = LoggerFactory.getLogger(FileQuarantine.class);
  private static final int HEAD = 8;

  /** What is shorter is left as it is. */
  private static final long SMALLEST = 1 << 20;

  private final Path file;
  private final Object lock = new Object();
  private final QuarantineState state = new QuarantineState();
  private FileChannel channel;
  private long end;
  private long nextLook = SMALLEST;

  /** Whether the file has taken the place of another one, and the directory is not synced. */
  private boolean isMoved;

  private long epoch;
  private boolean closed;

  private FileQuarantine(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a file, made if it is missing.
   *
   * @param file whose directory exists
   * @return the quarantine, with the file locked until it is closed
   * @throws EtlException of kind {@code STORE_LOCKED}, {@code STORE_CORRUPT} or {@code
   *     STORE_UNAVAILABLE}
   */
  public static FileQuarantine open(Path file) {
    @Nullable FileChannel channel = null;
    try {
      boolean isNew = Files.notExists(file);
      channel = channel(file);
      requireLock(file, channel);
      Object before = key(file);
      while (true) { // whose owner may have put a shorter file into its place meanwhile
        closeQuietly(channel);
        channel = channel(file);
        requireLock(file, channel);
        Object now = key(file);
        if (Objects.equals(before, now)) {
          break;
        }
        before = now;
      }
      FileQuarantine opened = new FileQuarantine(file, channel);
      opened.load();
      if (isNew) {
        syncDirectory(file);
      }
      channel = null;
      opened.compact();
      return opened;
    } catch (IOException e) {
      throw failure("open", file, e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static void syncDirectory(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
        folder.force(true);
      }
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException ignored) {
        // what failed before is reported
      }
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** {@return what distinguishes a file from one that takes its place, if the system has it} */
  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private static void requireLock(Path file, FileChannel channel) throws IOException {
    @Nullable FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      throw new EtlException(
          ErrorKind.STORE_LOCKED, "quarantine " + file + " is used by another process");
    }
  }

  // ---- the file ----

  private void load() throws IOException {
    long size = channel.size();
    long at = 0;
    while (at + HEAD <= size) {
      ByteBuffer head = read(at, HEAD);
      int length = head.getInt();
      int sum = head.getInt();
      if (length < 0 || at + HEAD + length > size) {
        break;
      }
      byte[] record = read(at + HEAD, length).array();
      if (sum(record) != sum) {
        if (at + HEAD + length < size) {
          throw corrupt("a record at " + at + " has another checksum");
        }
        break;
      }
      apply(record, at);
      at += HEAD + length;
    }
    channel.truncate(at);
    end = at;
  }

  private void apply(byte[] record, long at) {
    try {
      QuarantineRecord.apply(record, state);
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt("a record at " + at + " cannot be read");
    }
  }

  private EtlException corrupt(String what) {
    return new EtlException(
        ErrorKind.STORE_CORRUPT, "opening quarantine " + file + " failed: " + what);
  }

  private ByteBuffer read(long at, int length) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length);
    while (into.hasRemaining()) {
      if (channel.read(into, at + into.position()) < 0) {
        throw new IOException("the file ends early");
      }
    }
    return into.flip();
  }

  private static int sum(byte[] record) {
    CRC32 sum = new CRC32();
    sum.update(record);
    return (int) sum.getValue();
  }

  // ---- a shorter file ----

  private void compact() {
    if (end < nextLook) {
      return;
    }
    try {
      byte[] live = framed(QuarantineRecord.all(state));
      nextLook = Math.max(SMALLEST, 2L * live.length);
      if (2L * live.length <= end) {
        replaceBy(live);
      }
    } catch (IOException e) {
      nextLook = 2 * end;
      LOG.warn("quarantine {} could not be made shorter; it stays as it is", file, e);
    }
  }

  /** The lock is on the file: the other one has its own before it takes the place. */
  private void replaceBy(byte[] live) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    boolean unusedFormer = Files.deleteIfExists(next); // of a process that died
    @Nullable FileChannel made = channel(next);
    try {
      requireLock(next, made);
      writeAt(made, 0, live);
      made.force(true);
      Path unused = Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      closeQuietly(channel);
      channel = made;
      made = null;
      end = live.length;
      isMoved = true;
    } finally {
      closeQuietly(made);
    }
    syncMove();
  }

  /** Before anything is written that a crash of the machine must not lose with the file. */
  private void syncMove() throws IOException {
    if (isMoved) {
      syncDirectory(file);
      isMoved = false;
    }
  }

  /** Appends records, all or none of them, and applies them. */
  private void write(List<byte[]> records) {
    if (epoch < state.epoch()) {
      throw new EtlException(
          ErrorKind.STORE_LOCKED,
          "write to quarantine " + file + " failed: epoch " + state.epoch() + " has begun");
    }
    append(records);
    for (byte[] record : records) {
      apply(record, end);
    }
  }

  private void append(List<byte[]> records) {
    requireOpen();
    try {
      byte[] framed = framed(records);
      syncMove();
      channel.truncate(end); // what a failed write may have left
      writeAt(channel, end, framed);
      channel.force(true);
      end += framed.length;
    } catch (IOException e) {
      takeBack();
      throw failure("write to", file, e);
    }
  }

  private static byte[] framed(List<byte[]> records) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream to = new DataOutputStream(bytes);
    for (byte[] record : records) {
      to.writeInt(record.length);
      to.writeInt(sum(record));
      to.write(record);
    }
    return bytes.toByteArray();
  }

  private static void writeAt(FileChannel channel, long from, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    long at = from;
    while (left.hasRemaining()) {
      at += channel.write(left, at);
    }
  }

  private void takeBack() {
    try {
      channel.truncate(end);
      channel.force(true);
    } catch (IOException ignored) {
      // the next write does it
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("quarantine " + file + " is closed");
    }
  }

  private static EtlException failure(String doing, Path file, IOException cause) {
    return new EtlException(
            ErrorKind.STORE_UNAVAILABLE, doing + " quarantine " + file + " failed", cause)
        .withRetry(RetryDirective.TIMED);
  }

  private void write(char kind, QuarantineRecord.Change change) {
    synchronized (lock) {
      try {
        write(List.of(QuarantineRecord.of(kind, change)));
      } catch (IOException e) {
        throw failure("write to", file, e);
      }
    }
  }

  // ---- the quarantine ----

  @Override
  public void open(long next, Consumer<QuarantinedEvent> sink) {
    synchronized (lock) {
      epoch = next;
      if (next != state.epoch()) {
        write('E', to -> to.writeLong(next));
      }
      state.forEach(sink);
    }
  }

  @Override
  public void add(List<QuarantinedEvent> events) {
    synchronized (lock) {
      try {
        List<byte[]> records = new ArrayList<>();
        for (QuarantinedEvent event : events) {
          records.add(QuarantineRecord.of('A', to -> QuarantineRecord.event(to, event)));
        }
        write(records);
      } catch (IOException e) {
        throw failure("write to", file, e);
      }
    }
  }

  @Override
  public List<QuarantinedEvent> read(TableId table, EventSequence after, int limit) {
    synchronized (lock) {
      return state.read(table, after, limit);
    }
  }

  @Override
  public void mark(TableId table, List<EventSequence> events, EventSequence first) {
    write(
        'M',
        to -> {
          QuarantineRecord.table(to, table);
          QuarantineRecord.sequences(to, events);
          QuarantineRecord.sequence(to, first);
        });
  }

  @Override
  public void unmark(TableId table, List<EventSequence> events) {
    write('U', to -> listed(to, table, events));
  }

  @Override
  public Optional<EventSequence> lastReplayKey(TableId table) {
    synchronized (lock) {
      return state.lastReplayKey(table);
    }
  }

  @Override
  public void remove(TableId table, Collection<EventSequence> events) {
    synchronized (lock) {
      write('R', to -> listed(to, table, events));
      compact();
    }
  }

  private static void listed(DataOutputStream to, TableId table, Collection<EventSequence> events)
      throws IOException {
    QuarantineRecord.table(to, table);
    QuarantineRecord.sequences(to, events);
  }

  @Override
  public void clear(TableId table) {
    synchronized (lock) {
      write('C', to -> QuarantineRecord.table(to, table));
      compact();
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      closeQuietly(channel);
    }
  }
}
