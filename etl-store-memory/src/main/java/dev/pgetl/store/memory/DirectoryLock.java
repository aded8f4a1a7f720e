package dev.pgetl.store.memory;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right to use a directory, which the operating system releases when the process ends for any
 * reason. The file {@code lock} is never deleted; it holds the process id of its last owner.
 */
final class DirectoryLock implements Closeable {
  private static final String NAME = "lock";

  /** Behind all content, because Windows hides locked bytes from other processes. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  /**
   * The directories this process holds, and the identities of their files {@code lock}, because a
   * directory may have several names. The operating system cannot be asked: closing any handle of a
   * file releases all locks of the process on it.
   */
  private static final Set<Object> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final RandomAccessFile file;
  private final Object identity;

  private DirectoryLock(Path directory, RandomAccessFile file, Object identity) {
    this.directory = directory;
    this.file = file;
    this.identity = identity;
  }

  static DirectoryLock acquire(Path directory) throws IOException {
    synchronized (HELD) {
      Optional<Object> known = PlainFile.identity(path(directory));
      if (HELD.contains(directory) || known.filter(HELD::contains).isPresent()) {
        throw locked(directory, "this process");
      }
      DirectoryLock lock = acquireFile(directory);
      HELD.add(directory);
      HELD.add(lock.identity);
      return lock;
    }
  }

  private static DirectoryLock acquireFile(Path directory) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path(directory).toFile(), "rw");
    DirectoryLock lock = null;
    try {
      if (tryLock(file) == null) {
        throw locked(directory, holder(directory));
      }
      file.setLength(0);
      file.write((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
      Object identity =
          PlainFile.identity(path(directory))
              .orElseThrow(() -> FileFailures.moved(directory, NAME));
      lock = new DirectoryLock(directory, file, identity);
      return lock;
    } finally {
      if (lock == null) {
        file.close();
      }
    }
  }

  private static String holder(Path directory) throws IOException {
    String pid = Files.readString(path(directory)).strip();
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  private static @Nullable FileLock tryLock(RandomAccessFile file) throws IOException {
    try {
      return file.getChannel().tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static EtlException locked(Path directory, String holder) {
    return new EtlException(
            ErrorKind.STORE_LOCKED,
            "open the state in " + directory + " while " + holder + " uses it")
        .withFix("Stop that pipeline first, or give this one a directory of its own.");
  }

  private static Path path(Path directory) {
    return directory.resolve(NAME);
  }

  /** Checks that the directory's name still leads to the file that is locked. */
  void requireHeld() throws IOException {
    if (!PlainFile.identity(path(directory)).equals(Optional.of(identity))) {
      throw FileFailures.moved(directory, NAME);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      HELD.remove(identity);
      HELD.remove(directory);
    }
  }
}
