package dev.pgetl.store.memory;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * A directory of the local file system, locked against other processes.
 *
 * <p>Files are written through {@link RandomAccessFile} and streams, because an interrupt closes a
 * {@link FileChannel} in the middle of a write; only a directory cannot be synced without a
 * channel.
 */
final class LocalDisk implements Disk {
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private final Path directory;
  private final DirectoryLock lock;

  private LocalDisk(Path directory, DirectoryLock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /** Opens a directory, made durably if it is missing. */
  static LocalDisk open(Path path) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path p = path.toAbsolutePath(); p != null && Files.notExists(p); p = p.getParent()) {
      missing.push(p);
    }
    Files.createDirectories(path);
    for (Path created : missing) {
      sync(created.resolveSibling("."));
    }
    Path directory = path.toRealPath();
    return new LocalDisk(directory, DirectoryLock.acquire(directory));
  }

  @Override
  public Optional<Object> identity(String name) throws IOException {
    return PlainFile.identity(directory.resolve(name));
  }

  @Override
  public void requireLocked() throws IOException {
    lock.requireHeld();
  }

  @Override
  public InputStream read(String name) throws IOException {
    return new BufferedInputStream(Files.newInputStream(directory.resolve(name)), 1 << 16);
  }

  @Override
  public long create(String name, Iterator<byte[]> content) throws IOException {
    long length = 0;
    try (FileOutputStream file = new FileOutputStream(directory.resolve(name).toFile())) {
      OutputStream out = new BufferedOutputStream(file, 1 << 16);
      while (content.hasNext()) {
        byte[] bytes = content.next();
        out.write(bytes);
        length += bytes.length;
      }
      out.flush();
      file.getFD().sync();
    }
    return length;
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return new LocalFile(new RandomAccessFile(directory.resolve(name).toFile(), "rwd"));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(
        directory.resolve(from),
        directory.resolve(to),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void deleteIfExists(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public void syncDirectory() throws IOException {
    sync(directory);
  }

  /** Syncs a directory whole, despite interrupts; Windows neither needs it nor supports it. */
  private static void sync(Path directory) throws IOException {
    if (WINDOWS) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      while (!syncUnlessInterrupted(directory)) {
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean syncUnlessInterrupted(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
      return true;
    } catch (ClosedByInterruptException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  /** A file whose every write is synced with its data and length before it returns (mode "rwd"). */
  private record LocalFile(RandomAccessFile file) implements DiskFile {
    @Override
    public void write(long position, byte[] bytes) throws IOException {
      file.seek(position);
      file.write(bytes);
    }

    @Override
    public void truncate(long length) throws IOException {
      file.setLength(length);
    }

    @Override
    public void sync() throws IOException {
      file.getFD().sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
