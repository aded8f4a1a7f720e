package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.subject.ClientProcess;
import dev.pgetl.benchmarks.subject.Jvm;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The server, who is there to be measured on it, and how often. Owned by one thread. */
public final class Lab implements AutoCloseable {
  /** The publication of every database: all its tables. */
  static final String PUBLICATION = "bench";

  /** Nothing but the subjects shall be at work while they are measured. */
  private static final Map<String, String> SETTINGS = settings();

  private final PostgresCluster cluster;
  private final long postmaster;
  private final Set<Subject> subjects;
  private final Predicate<String> wanted;
  private final int runs;
  private final String classPathBefore;
  private final PrintStream progress;
  private final TemporaryFolder files = new TemporaryFolder();
  private final Map<Way, Distance> distances = new EnumMap<>(Way.class);

  private Lab(
      PostgresCluster cluster,
      Set<Subject> subjects,
      Predicate<String> wanted,
      int runs,
      String classPathBefore,
      PrintStream progress) {
    this.cluster = cluster;
    this.postmaster = postmaster(cluster);
    this.subjects = subjects;
    this.wanted = wanted;
    this.runs = runs;
    this.classPathBefore = classPathBefore;
    this.progress = progress;
  }

  /**
   * {@return a lab with a server of its own}
   *
   * @param subjects who is measured
   * @param wanted which variants of workloads, by name
   * @param runs how often
   * @param classPathBefore that of the older build; empty if it is not a subject
   * @param progress where it says what it does
   */
  public static Lab open(
      Set<Subject> subjects,
      Predicate<String> wanted,
      int runs,
      String classPathBefore,
      PrintStream progress) {
    PostgresCluster.Builder builder = PostgresCluster.builder();
    SETTINGS.forEach(builder::set);
    return new Lab(builder.start(), subjects, wanted, runs, classPathBefore, progress);
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("fsync", "off");
    settings.put("synchronous_commit", "on");
    settings.put("autovacuum", "off");
    settings.put("jit", "off");
    settings.put("shared_buffers", "512MB");
    settings.put("checkpoint_timeout", "1h");
    settings.put("max_wal_size", "20GB");
    settings.put("wal_sender_timeout", "60s");
    settings.put("max_locks_per_transaction", "256");
    return settings;
  }

  private static long postmaster(PostgresCluster cluster) {
    try {
      return Long.parseLong(
          Files.readAllLines(cluster.dataDirectory().resolve("postmaster.pid")).get(0).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("learn the server's process", e);
    }
  }

  /** {@return the server's version and how it is set up} */
  public String description() {
    try (TestDatabase database = cluster.createDatabase()) {
      return "Postgres "
          + database.value("show server_version")
          + ", "
          + SETTINGS.entrySet().stream()
              .map(setting -> setting.getKey() + "=" + setting.getValue())
              .collect(Collectors.joining(" "));
    }
  }

  TestDatabase createDatabase() {
    return cluster.createDatabase();
  }

  /** {@return the server's main process} */
  long postmaster() {
    return postmaster;
  }

  /** {@return a subject's process, which waits for its beginning} */
  ClientProcess start(Subject subject, Task task, String heap) {
    String classPath =
        subject == Subject.PGETL_BEFORE ? classPathBefore : System.getProperty("java.class.path");
    return ClientProcess.start(
        subject, task, new Jvm(heap, classPath), cluster.server().password().reveal());
  }

  /** {@return a task in a database} */
  Task task(Task.Mode mode, TestDatabase database) {
    return Task.of(mode)
        .with(Setting.HOST, cluster.server().host())
        .with(Setting.PORT, cluster.server().port())
        .with(Setting.DATABASE, database.name())
        .with(Setting.USER, cluster.server().username())
        .with(Setting.PUBLICATION, PUBLICATION);
  }

  /** {@return the task, for a client that reaches the server this way} */
  Task over(Way way, Task task) {
    return switch (way) {
      case DIRECT -> task;
      case TLS -> task.with(Setting.CERTIFICATE, certificate());
      case ONE_MILLISECOND, TWENTY_MILLISECONDS ->
          task.with(Setting.PORT, distances.computeIfAbsent(way, this::distance).port());
    };
  }

  private Distance distance(Way way) {
    return new Distance(cluster.server().host(), cluster.server().port(), way.roundTrip());
  }

  /** From the first time on, the server accepts encrypted connections too. */
  private Path certificate() {
    Path file = files.path().resolve("server.pem");
    if (Files.notExists(file)) {
      TestCertificate issued = TestCertificate.issue(cluster.server().host());
      cluster.useCertificate(issued);
      try {
        Files.writeString(file, issued.certificatePem());
      } catch (IOException e) {
        throw new UncheckedIOException("write the server's certificate", e);
      }
    }
    return file;
  }

  /** {@return who takes part in a variant of a workload; none if it is not wanted} */
  List<Subject> subjects(Task.Mode mode, String workload, Variant variant) {
    if (!wanted.test(workload + variant.suffix())) {
      return List.of();
    }
    return subjects.stream()
        .filter(subject -> subject.does(mode) && variant.includes(subject))
        .toList();
  }

  int runs() {
    return runs;
  }

  void say(String what) {
    progress.println(what);
  }

  @Override
  public void close() {
    distances.values().forEach(Distance::close);
    files.close();
    cluster.close();
  }
}
