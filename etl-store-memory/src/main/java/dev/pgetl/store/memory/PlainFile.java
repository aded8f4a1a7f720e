package dev.pgetl.store.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/**
 * Distinguishes a file that is not there from one that cannot be seen, and a file from its name.
 */
final class PlainFile {
  private PlainFile() {}

  /**
   * The identity of the file of that name, which no other file has while it is open. On Windows
   * that is its path: there the name of an open file cannot be taken from it.
   *
   * @return empty if there is none
   * @throws IOException if the file system does not say
   */
  static Optional<Object> identity(Path path) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (!found.isRegularFile()) {
      throw FileFailures.notPlain(path, kind(found));
    }
    return Optional.of(Objects.requireNonNullElse(found.fileKey(), path));
  }

  private static String kind(BasicFileAttributes found) {
    if (found.isSymbolicLink()) {
      return "a symbolic link";
    }
    return found.isDirectory() ? "a directory" : "a device, pipe or socket";
  }
}
