package dev.pgetl.testkit.postgres;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The folder of one cluster: data directory, configuration, log. */
final class ClusterFiles {
  /** What the servers of a build take together, with their WAL, and as much again. */
  private static final long ROOM = 10L << 30;

  private final Path folder;
  private final Path data;
  private final ServerAccount account;
  private final String originalAccessRules;
  private final String ownSettings;

  private ClusterFiles(
      Path folder, ServerAccount account, String originalAccessRules, String ownSettings) {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.account = account;
    this.originalAccessRules = originalAccessRules;
    this.ownSettings = ownSettings;
  }

  /** An empty folder where the servers' folders are, belonging to the account. */
  static Path createFolder(ServerAccount account) throws IOException {
    String asked = System.getProperty(TestPostgres.FOLDER_PROPERTY, "");
    Path folder = Files.createTempDirectory(parent(asked, ROOM), "pgetl-postgres-");
    account.own(folder);
    return folder;
  }

  /** The folder asked for if it has room, otherwise the temporary directory. */
  static Path parent(String asked, long room) throws IOException {
    Path folder = Path.of(asked);
    boolean hasRoom =
        !asked.isEmpty()
            && Files.isDirectory(folder)
            && Files.isWritable(folder)
            && Files.getFileStore(folder).getUsableSpace() >= room;
    return hasRoom ? folder : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** What runs the server of the folder, in the foreground. */
  static List<String> serverCommand(Path folder, PostgresBinaries binaries, ServerAccount account) {
    return account.command(
        binaries.program("postgres").toString(), "-D", folder.resolve("data").toString());
  }

  /** Makes a new cluster in the folder: {@code initdb}. */
  static ClusterFiles create(
      Path folder, PostgresBinaries binaries, ServerAccount account, Map<String, String> settings)
      throws IOException {
    Path data = folder.resolve("data");
    initialise(folder, data, binaries, account);
    Files.writeString(
        data.resolve("postgresql.conf"),
        ServerSettings.asConfigurationFile(settings) + "include_if_exists 'port.conf'\n",
        StandardOpenOption.APPEND);
    String accessRules = Files.readString(data.resolve("pg_hba.conf"));
    return new ClusterFiles(folder, account, accessRules, "");
  }

  /** Makes a standby in the folder, of a server that runs. */
  ClusterFiles standbyIn(Path standbyFolder, TestPostgres primary) throws IOException {
    ClusterFiles standby =
        new ClusterFiles(
            standbyFolder,
            account,
            originalAccessRules,
            "primary_conninfo = 'host=%s port=%d user=%s password=%s'\n"
                .formatted(
                    primary.host(),
                    primary.port(),
                    primary.username(),
                    primary.password().reveal()));
    String label = OnlineBackup.take(primary, data, standby.data, account);
    standby.write("backup_label", label);
    standby.write("standby.signal", "");
    return standby;
  }

  private static void initialise(
      Path folder, Path data, PostgresBinaries binaries, ServerAccount account) throws IOException {
    Path passwordFile = folder.resolve("password");
    write(account, passwordFile, ScramVerifier.of(ServerLogin.KIT.password().reveal()));
    Path output = folder.resolve("initdb.log");
    List<String> command =
        account.command(
            binaries.program("initdb").toString(),
            "--pgdata=" + data,
            "--username=" + ServerLogin.KIT.username(),
            "--pwfile=" + passwordFile,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync");
    ProcessBuilder builder = new ProcessBuilder(command);
    PostgresBinaries.cleanEnvironment(builder);
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("initdb failed:\n" + Files.readString(output));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while initdb ran", e);
    }
    Files.delete(passwordFile);
  }

  /** Creates or replaces a file that only the account may read. */
  private static void write(ServerAccount account, Path file, String content) throws IOException {
    Path unfinished = Files.createTempFile(file.getParent(), "new", "");
    Files.writeString(unfinished, content);
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
    account.own(unfinished);
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void write(String name, String content) {
    try {
      write(account, data.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException("write the server's " + name, e);
    }
  }

  Path data() {
    return data;
  }

  ServerAccount account() {
    return account;
  }

  void writePort(int port) {
    write("port.conf", "port = " + port + "\n" + ownSettings);
  }

  void writeAccessRules(List<String> first) {
    write("pg_hba.conf", String.join("\n", first) + "\n" + originalAccessRules);
  }

  void writeCertificate(TestCertificate certificate) {
    write("server.crt", certificate.certificatePem());
    write("server.key", certificate.privateKeyPem().reveal());
  }

  void writeClientAuthorities(List<String> certificates) {
    write("clients.crt", String.join("\n", certificates));
  }

  /**
   * Whether the server reports that it accepts connections, in the last line of its {@code
   * postmaster.pid}. The file may still be that of a process that was killed.
   */
  boolean isReady(long process) {
    try {
      List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
      return lines.size() >= 8
          && lines.get(0).strip().equals(Long.toString(process))
          && lines.get(7).strip().equals("ready");
    } catch (IOException ignored) {
      return false;
    }
  }

  long logSize() {
    return folder.resolve("server.log").toFile().length();
  }

  String log(long from) {
    try (RandomAccessFile log = new RandomAccessFile(folder.resolve("server.log").toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.max(0, log.length() - from)];
      log.seek(from);
      log.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("read the server's log", e);
    }
  }
}
