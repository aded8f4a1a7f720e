package dev.pgetl.destination.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that others may rename or remove at any time. It is opened for each line, so that
 * a line goes to the file that has the name, not to one that had it. Thread-safe, also with other
 * objects for the same file. Lines of other processes stay whole where the file system appends
 * atomically, as local ones do.
 */
final class LineFile {
  private static final int MAX_ATTEMPTS = 1_000;

  /** Held while a line is added to any file: one file may have several names. */
  private static final Object ADDING = new Object();

  private final Path path;

  LineFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /** Makes the file unless there is one, and sees whether it can be written. */
  void check() throws IOException {
    create();
    open(path).close();
  }

  private void create() throws IOException {
    try {
      Files.createFile(path, ownerOnly());
    } catch (FileAlreadyExistsException ignored) {
      // lines are added to it
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private FileAttribute<?>[] ownerOnly() {
    return hasOwners()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private boolean hasOwners() {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /**
   * Adds a line; on return it is on disk, in the file that has the name or in one that was taken
   * away with the whole line.
   */
  void append(byte[] line) throws IOException {
    synchronized (ADDING) {
      for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        if (isWritten(line) || isPlaced(line)) {
          return;
        }
      }
    }
    throw new IOException("the file was replaced " + MAX_ATTEMPTS + " times while being written");
  }

  /** {@return whether the line was written to the file that still has the name afterwards} */
  private boolean isWritten(byte[] line) throws IOException {
    try {
      Object before = identity(path);
      write(path, line);
      return before == null || before.equals(identity(path));
    } catch (NoSuchFileException taken) {
      return false;
    }
  }

  /**
   * Gives the name to a new file that has the line already, so that whoever takes files away all
   * the time gets the line as a whole and never keeps it from being written.
   *
   * @return false if there is a file of the name, or if another process placed one in between
   */
  private boolean isPlaced(byte[] line) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(fresh, ownerOnly());
    Object own = identity(fresh);
    write(fresh, line);
    try {
      giveName(fresh);
      boolean placed = own == null || own.equals(identity(path));
      syncNames();
      return placed;
    } catch (FileAlreadyExistsException | NoSuchFileException othersWere) {
      return false;
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Never replaces a file, not even one that has just been made, unless there are no links. */
  private void giveName(Path fresh) throws IOException {
    try {
      Files.createLink(path, fresh);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException noLinks) {
      Files.move(fresh, path);
    }
  }

  /** {@return what a rename keeps; null where the file system has none, and no open file moves} */
  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private void write(Path to, byte[] line) throws IOException {
    try (FileChannel reading = FileChannel.open(to, StandardOpenOption.READ);
        FileChannel file =
            FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      long end = reading.size();
      ByteBuffer added = ByteBuffer.allocate(1 + line.length);
      if (isTorn(reading, end)) {
        added.put((byte) '\n');
      }
      writeAll(file, added.put(line).flip());
      file.force(true);
      if (end == 0 && to.equals(path)) {
        syncNames();
      }
    }
  }

  /** {@return whether a crash has left half a line} */
  private static boolean isTorn(FileChannel file, long end) throws IOException {
    ByteBuffer last = ByteBuffer.allocate(1);
    return end > 0 && file.read(last, end - 1) == 1 && last.get(0) != '\n';
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** A name is on disk when its directory is, which can be synced where files have owners. */
  private void syncNames() throws IOException {
    if (hasOwners()) {
      try (FileChannel directory = FileChannel.open(path.resolveSibling("."))) {
        directory.force(true);
      }
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
