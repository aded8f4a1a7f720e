package dev.pgetl.store.memory;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a {@link FileLayer}: a header line, then one change per line in JSON, appended, with
 * the checksums of {@link LineChain}. Owned by one thread at a time.
 *
 * <p>The header has the version of the format, so that an earlier version of the library refuses a
 * file whose changes it does not know. Version 2 added the ranges of copies. Only the current
 * version is written to.
 *
 * <p>Lines are written after all before them are durable. So a crash leaves at most an unfinished
 * end, which was never acknowledged and is dropped; any other mismatch is damage.
 */
final class Journal implements Closeable {
  static final String HEADER = header(2);

  /** Those of files that are read, but not written to. */
  static final List<String> EARLIER_HEADERS = List.of(header(1));

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String NAME = "journal";
  private static final String NEXT = "journal.new";

  private final Disk disk;
  private final Disk.DiskFile file;
  private final Object identity;
  private final LineChain chain;
  private final boolean current;
  private long length;

  private Journal(
      Disk disk,
      Disk.DiskFile file,
      Object identity,
      LineChain chain,
      boolean current,
      long length) {
    this.disk = disk;
    this.file = file;
    this.identity = identity;
    this.chain = chain;
    this.current = current;
    this.length = length;
  }

  private static String header(int version) {
    return "{\"format\":\"pgetl-store\",\"version\":" + version + "}";
  }

  /** Makes an empty journal if the directory has none. */
  static void createIfMissing(Disk disk) throws IOException {
    if (disk.identity(NAME).isEmpty()) {
      disk.deleteIfExists(NEXT);
      replace(disk, Stream.empty()).close();
    }
  }

  /** Opens a directory's journal, a certain one unless null, and gives its changes. */
  static Journal open(Disk disk, @Nullable Object expected, Consumer<StoreChange> sink)
      throws IOException {
    Optional<Object> found = disk.identity(NAME);
    if (found.isEmpty() || (expected != null && !found.get().equals(expected))) {
      throw FileFailures.moved(disk, NAME);
    }
    disk.deleteIfExists(NEXT);
    JournalReader reader = new JournalReader("the journal in " + disk, sink);
    try (InputStream in = disk.read(NAME)) {
      reader.readAll(in);
    }
    Disk.DiskFile file = disk.open(NAME);
    try {
      if (reader.torn() > 0) {
        LOG.warn("dropping {} bytes of an unfinished write to {}", reader.torn(), disk);
        file.truncate(reader.length());
      }
      if (reader.lineFeedMissing()) {
        file.write(reader.length() - 1, new byte[] {'\n'});
      }
      // Bytes of a killed process may be readable but not durable.
      file.sync();
      disk.syncDirectory();
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return over(disk, file, reader.chain(), reader.isCurrent(), reader.length());
  }

  /** Replaces the existing journal, if any, which must be closed. */
  static Journal replace(Disk disk, Stream<StoreChange> state) throws IOException {
    LineChain chain = new LineChain();
    Stream<String> lines = Stream.concat(Stream.of(HEADER), state.map(StoreChangeJson::write));
    long length = disk.create(NEXT, lines.map(chain::append).iterator());
    disk.rename(NEXT, NAME);
    disk.syncDirectory();
    return over(disk, disk.open(NAME), chain, true, length);
  }

  private static Journal over(
      Disk disk, Disk.DiskFile file, LineChain chain, boolean current, long length)
      throws IOException {
    Journal journal = null;
    try {
      Object identity = disk.identity(NAME).orElseThrow(() -> FileFailures.moved(disk, NAME));
      journal = new Journal(disk, file, identity, chain, current, length);
      return journal;
    } finally {
      if (journal == null) {
        file.close();
      }
    }
  }

  /** Whether it has the current format; otherwise it must be replaced before it is written to. */
  boolean isCurrent() {
    return current;
  }

  /** What distinguishes this file from another one of that name. */
  Object identity() {
    return identity;
  }

  /** Checks that the names of directory and journal still lead to what is open. */
  void requireInPlace() throws IOException {
    disk.requireLocked();
    if (!disk.identity(NAME).equals(Optional.of(identity))) {
      throw FileFailures.moved(disk, NAME);
    }
  }

  /** Appends changes, durable on return. After a failure only {@link #abandon} may follow. */
  void append(List<String> changes) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    changes.forEach(change -> lines.writeBytes(chain.append(change)));
    file.write(length, lines.toByteArray());
    length += lines.size();
  }

  long length() {
    return length;
  }

  /** Cuts off the remains of a failed write, if the disk permits it, and closes. */
  void abandon(IOException failure) {
    try (Disk.DiskFile abandoned = file) {
      abandoned.truncate(length);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
