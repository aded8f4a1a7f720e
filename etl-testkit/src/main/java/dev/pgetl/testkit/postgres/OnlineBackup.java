package dev.pgetl.testkit.postgres;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * Copies the files of a server while it runs, as <a
 * href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">Postgres
 * describes it</a>: the test binaries have no {@code pg_basebackup}.
 */
final class OnlineBackup extends SimpleFileVisitor<Path> {
  /** What belongs to the running server only, or comes from it later. */
  private static final Set<String> EMPTY =
      Set.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> LEFT_OUT = Set.of("postmaster.pid", "postmaster.opts");
  private static final int RENAMED_FUNCTIONS = 15;

  private final Path from;
  private final Path to;
  private final ServerAccount account;

  private OnlineBackup(Path from, Path to, ServerAccount account) {
    this.from = from;
    this.to = to;
    this.account = account;
  }

  /**
   * Copies a data directory.
   *
   * @param server runs in it
   * @param from the directory
   * @param to a directory that does not exist
   * @param account to which the copy belongs
   * @return the content of the copy's {@code backup_label}
   */
  static String take(TestPostgres server, Path from, Path to, ServerAccount account)
      throws IOException {
    boolean renamed = server.majorVersion() >= RENAMED_FUNCTIONS;
    String start = renamed ? "pg_backup_start('kit', true)" : "pg_start_backup('kit', true, false)";
    String stop = renamed ? "pg_backup_stop(false)" : "pg_stop_backup(false, false)";
    try (Connection session = server.connect();
        Statement statement = session.createStatement()) {
      statement.execute("select " + start);
      Files.walkFileTree(from, new OnlineBackup(from, to, account));
      try (ResultSet stopped = statement.executeQuery("select labelfile from " + stop)) {
        stopped.next();
        return stopped.getString(1);
      }
    } catch (SQLException e) {
      throw new IOException("take a base backup", e);
    }
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    copy(folder);
    boolean skipped = from.equals(folder.getParent()) && EMPTY.contains(name(folder));
    return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (!LEFT_OUT.contains(name(file))) {
      copy(file);
    }
    return FileVisitResult.CONTINUE;
  }

  /** The server still runs: what it has just removed is not needed. */
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    if (failure instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  private void copy(Path path) throws IOException {
    Path target = to.resolve(from.relativize(path));
    try {
      Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
      account.own(target);
    } catch (NoSuchFileException e) {
      if (Files.exists(path)) {
        throw e;
      }
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
