package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.measure.Usage;
import dev.pgetl.benchmarks.subject.ClientProcess;
import dev.pgetl.benchmarks.subject.Jvm;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The server, who is there to be measured on it, and how often. Owned by one thread. */
public final class Lab implements AutoCloseable {
  /** The publication of every database: all its tables. */
  static final String PUBLICATION = "bench";

  private final LabServer server;
  private final boolean fsync;
  private final Set<Subject> subjects;
  private final Predicate<String> wanted;
  private final int runs;
  private final String classPathBefore;
  private final PrintStream progress;
  private final TemporaryFolder files = new TemporaryFolder();
  private final Map<Way, Distance> distances = new EnumMap<>(Way.class);
  private @Nullable LabServer subscriber;

  private Lab(
      boolean fsync,
      Set<Subject> subjects,
      Predicate<String> wanted,
      int runs,
      String classPathBefore,
      PrintStream progress) {
    this.server = LabServer.start(fsync);
    this.fsync = fsync;
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
   * @param fsync whether the servers flush to the disk
   * @param classPathBefore that of the older build; empty if it is not a subject
   * @param progress where it says what it does
   */
  public static Lab open(
      Set<Subject> subjects,
      Predicate<String> wanted,
      int runs,
      boolean fsync,
      String classPathBefore,
      PrintStream progress) {
    return new Lab(fsync, subjects, wanted, runs, classPathBefore, progress);
  }

  /** {@return the server's version and how it is set up} */
  public String description() {
    return server.description();
  }

  TestDatabase createDatabase() {
    return server.cluster().createDatabase();
  }

  /** {@return a database in a second server, which is started by the first call} */
  TestDatabase createSubscriberDatabase() {
    return subscriber().cluster().createDatabase();
  }

  private LabServer subscriber() {
    LabServer running = subscriber == null ? LabServer.start(fsync) : subscriber;
    subscriber = running;
    return running;
  }

  /** {@return who watches a client, or the server that does its work, and the server it reads} */
  Usage watch(Subject subject, Task.Mode mode, Service service, ClientProcess client) {
    if (mode.isReplica()) {
      long process = subject == Subject.SUBSCRIPTION ? Usage.NONE : client.pid();
      return new Usage(server.postmaster(), service, process, subscriber().postmaster());
    }
    return subject == Subject.SUBSCRIPTION
        ? new Usage(server.postmaster(), service, subscriber().postmaster(), true)
        : new Usage(server.postmaster(), service, client.pid(), client.isWrapper());
  }

  /** {@return a subject's process, which waits for its beginning} */
  ClientProcess start(Subject subject, Task task, String heap) {
    String classPath =
        subject == Subject.PGETL_BEFORE ? classPathBefore : System.getProperty("java.class.path");
    return ClientProcess.start(
        subject, task, new Jvm(heap, classPath), server.postgres().password().reveal());
  }

  /** {@return a task in a database} */
  Task task(Task.Mode mode, TestDatabase database) {
    return Task.of(mode)
        .with(Setting.HOST, server.postgres().host())
        .with(Setting.PORT, server.postgres().port())
        .with(Setting.DATABASE, database.name())
        .with(Setting.USER, server.postgres().username())
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
    return new Distance(server.postgres().host(), server.postgres().port(), way.roundTrip());
  }

  /** From the first time on, the server accepts encrypted connections too. */
  private Path certificate() {
    Path file = files.path().resolve("server.pem");
    if (Files.notExists(file)) {
      TestCertificate issued = TestCertificate.issue(server.postgres().host());
      server.cluster().useCertificate(issued);
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
    if (subscriber != null) {
      subscriber.close();
    }
    server.close();
  }
}
