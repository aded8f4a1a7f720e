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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right to use a directory, which the operating system releases when the process ends for any
 * reason. The file {@code lock} is never deleted; it holds the process id of its last owner.
 */
final class DirectoryLock implements Closeable {
  /** Behind all content, because Windows hides locked bytes from other processes. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  /**
   * The directories this process holds. The operating system cannot be asked: closing any handle of
   * a file releases all locks of the process on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final RandomAccessFile file;

  private DirectoryLock(Path directory, RandomAccessFile file) {
    this.directory = directory;
    this.file = file;
  }

  static DirectoryLock acquire(Path directory) throws IOException {
    if (!HELD.add(directory)) {
      throw locked(directory, "this process");
    }
    DirectoryLock lock = null;
    try {
      lock = acquireFile(directory);
      return lock;
    } finally {
      if (lock == null) {
        HELD.remove(directory);
      }
    }
  }

  private static DirectoryLock acquireFile(Path directory) throws IOException {
    Path path = directory.resolve("lock");
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    boolean owned = false;
    try {
      owned = tryLock(file) != null;
      if (!owned) {
        throw locked(directory, "process " + Files.readString(path).strip());
      }
      file.setLength(0);
      file.write((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
      return new DirectoryLock(directory, file);
    } finally {
      if (!owned) {
        file.close();
      }
    }
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

  @Override
  public void close() throws IOException {
    file.close();
    HELD.remove(directory);
  }
}
