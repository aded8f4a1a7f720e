package dev.pgetl.store.memory;

import dev.pgetl.error.EtlException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Optional;

/**
 * The operations of the file layer on one directory; tests replace it to make a disk fail or crash.
 * Owned by one {@link FileLayer}. {@code toString()} is the directory's path.
 */
interface Disk extends Closeable {

  /**
   * The identity of a plain file: another file of that name has another one while this one is open.
   *
   * @return empty if there is no such file
   * @throws IOException if that cannot be determined, or if it is no plain file
   */
  Optional<Object> identity(String name) throws IOException;

  /**
   * Checks that the directory of that name is still the one that was locked.
   *
   * @throws EtlException if it was deleted, moved or replaced
   */
  void requireLocked() throws IOException;

  InputStream read(String name) throws IOException;

  /**
   * Makes a new file; its content is durable on return, its name only after {@link #syncDirectory}.
   *
   * @return the file's length
   */
  long create(String name, Iterator<byte[]> content) throws IOException;

  /** Opens a file to be written. */
  DiskFile open(String name) throws IOException;

  /** Renames a file and replaces any file of that name, atomically. */
  void rename(String from, String to) throws IOException;

  void deleteIfExists(String name) throws IOException;

  /** Makes new names durable. */
  void syncDirectory() throws IOException;

  /** An open file. */
  interface DiskFile extends Closeable {

    /** Writes at a position; durable on return, torn if it fails. */
    void write(long position, byte[] bytes) throws IOException;

    /** Cuts the file. */
    void truncate(long length) throws IOException;

    /** Makes the file's content durable, whichever process wrote it. */
    void sync() throws IOException;
  }
}
