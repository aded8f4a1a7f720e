package dev.pgetl.benchmarks.subject;

import dev.pgetl.benchmarks.client.Client;
import dev.pgetl.benchmarks.client.ClientMain;
import dev.pgetl.benchmarks.client.DriverClient;
import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.RecvLogical;
import dev.pgetl.benchmarks.client.RecvLogicalFollower;
import dev.pgetl.benchmarks.client.ReplicaClient;
import dev.pgetl.benchmarks.client.ResumeClient;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.SubscriptionClient;
import dev.pgetl.benchmarks.client.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.postgresql.util.DriverInfo;

/** Who is measured. */
public enum Subject {
  /** This library. */
  PGETL("pgetl"),
  /** An older build of this library, next to it so that their runs are neighbours. */
  PGETL_BEFORE("pgetl_before"),
  /** Postgres's own client for logical replication, the yardstick of streams. */
  PG_RECVLOGICAL("pg_recvlogical"),
  /** Postgres's own {@code \copy}, the yardstick of copies. */
  PSQL_COPY("psql_copy"),
  /** A subscription of another server, which writes the rows. */
  SUBSCRIPTION("subscription"),
  /** The driver in a loop that only counts. */
  PGJDBC_RAW("pgjdbc_raw"),
  /** Debezium's embedded engine, tuned. */
  DEBEZIUM("debezium"),
  /** The same with its defaults. */
  DEBEZIUM_DEFAULTS("debezium_defaults");

  private static final String DEBEZIUM_CLIENT = "dev.pgetl.benchmarks.debezium.DebeziumClient";

  private static final Pattern DEBEZIUM_JAR = Pattern.compile("debezium-embedded-([^/]+)\\.jar");

  private final String title;

  Subject(String title) {
    this.title = title;
  }

  /** {@return its name in tables and files} */
  public String title() {
    return title;
  }

  /** {@return whether it can do a task of this kind} */
  public boolean does(Task.Mode mode) {
    return switch (this) {
      case PGETL -> true;
      case PGETL_BEFORE -> mode != Task.Mode.FOLLOW && mode != Task.Mode.REPLICA_FOLLOW;
      case PGJDBC_RAW, DEBEZIUM -> mode != Task.Mode.RESUME && !mode.isReplica();
      case DEBEZIUM_DEFAULTS -> mode == Task.Mode.STREAM || mode == Task.Mode.COPY;
      case PG_RECVLOGICAL -> mode == Task.Mode.STREAM || mode == Task.Mode.FOLLOW;
      case PSQL_COPY -> mode == Task.Mode.COPY;
      case SUBSCRIPTION -> mode == Task.Mode.COPY || mode.isReplica();
    };
  }

  /**
   * {@return whether it continues after the last row of a copy, until the stream has every table}
   */
  public boolean streamsAfterCopy() {
    return isPgetl() || this == SUBSCRIPTION;
  }

  /** {@return whether it is a build of this library} */
  public boolean isPgetl() {
    return this == PGETL || this == PGETL_BEFORE;
  }

  /** {@return whether others are compared with the subject of this name} */
  public static boolean isYardstick(String title) {
    return title.equals(PG_RECVLOGICAL.title)
        || title.equals(PSQL_COPY.title)
        || title.equals(SUBSCRIPTION.title);
  }

  /** {@return what has to be done to have it; empty if it is there} */
  public Optional<String> missing() {
    return switch (this) {
      case PGETL, PGETL_BEFORE, SUBSCRIPTION, PGJDBC_RAW -> Optional.empty();
      case PG_RECVLOGICAL ->
          missingProgram("pg_recvlogical", "postgresql-15, where 15 is the newest there is");
      case PSQL_COPY -> missingProgram("psql", "postgresql-client");
      case DEBEZIUM, DEBEZIUM_DEFAULTS ->
          hasClass(DEBEZIUM_CLIENT)
              ? Optional.empty()
              : Optional.of(title + " is left out: ask for it with --debezium, which downloads it");
    };
  }

  private Optional<String> missingProgram(String program, String debianPackage) {
    return Programs.find(program).isPresent()
        ? Optional.empty()
        : Optional.of(
            "%s is left out: there is no %s on the path or below /usr/lib/postgresql; on Debian: apt-get install %s"
                .formatted(title, program, debianPackage));
  }

  private static boolean hasClass(String name) {
    return Subject.class.getClassLoader().getResource(name.replace('.', '/') + ".class") != null;
  }

  /** {@return its version} */
  public String version() {
    return switch (this) {
      case PGETL, PGETL_BEFORE, PGJDBC_RAW -> "pgjdbc " + DriverInfo.DRIVER_VERSION;
      case SUBSCRIPTION -> "a second server like the one below, with the defaults of subscriptions";
      case PG_RECVLOGICAL -> Programs.version(program("pg_recvlogical"));
      case PSQL_COPY -> Programs.version(program("psql"));
      case DEBEZIUM, DEBEZIUM_DEFAULTS -> debeziumVersion();
    };
  }

  private static String debeziumVersion() {
    Matcher jar = DEBEZIUM_JAR.matcher(System.getProperty("java.class.path"));
    return jar.find() ? jar.group(1) : "unknown";
  }

  /** {@return whether its process is there only to start the program that is measured} */
  boolean isWrapped() {
    return this == PG_RECVLOGICAL || this == PSQL_COPY;
  }

  /**
   * {@return the command that does a task}
   *
   * @param jvm how to start Java, for subjects on a JVM
   */
  List<String> command(Task task, Jvm jvm) {
    return switch (this) {
      case PGETL, PGETL_BEFORE -> java(pgetl(task).getName(), task, jvm);
      case SUBSCRIPTION -> java(SubscriptionClient.class.getName(), task, jvm);
      case PGJDBC_RAW -> java(DriverClient.class.getName(), task, jvm);
      case DEBEZIUM -> java(DEBEZIUM_CLIENT, task.with(Setting.TUNED, true), jvm);
      case DEBEZIUM_DEFAULTS -> java(DEBEZIUM_CLIENT, task, jvm);
      case PG_RECVLOGICAL -> recvLogical(task, jvm);
      case PSQL_COPY -> shell(psql(task));
    };
  }

  private static Class<? extends Client> pgetl(Task task) {
    return switch (task.mode()) {
      case RESUME -> ResumeClient.class;
      case REPLICA_STREAM, REPLICA_COPY, REPLICA_FOLLOW -> ReplicaClient.class;
      case STREAM, COPY, FOLLOW -> PgetlClient.class;
    };
  }

  private static List<String> recvLogical(Task task, Jvm jvm) {
    String program = program("pg_recvlogical").toString();
    return task.mode() == Task.Mode.FOLLOW
        ? java(RecvLogicalFollower.class.getName(), task.with(Setting.PROGRAM, program), jvm)
        : shell(RecvLogical.command(program, task, "/dev/null"));
  }

  private static List<String> psql(Task task) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program("psql").toString(),
                "--no-psqlrc",
                "--set=ON_ERROR_STOP=1",
                "--dbname=" + RecvLogical.address(task)));
    task.tables().forEach(table -> command.add("--command=\\copy " + table + " to '/dev/null'"));
    return command;
  }

  private static Path program(String name) {
    return Programs.find(name).orElseThrow(() -> new IllegalStateException("there is no " + name));
  }

  /** What a program needs around it to take part in a {@code Conversation}. */
  private static List<String> shell(List<String> command) {
    String script = "echo @ready; read -r go; \"$@\" || exit 1; echo @done; read -r end";
    return Stream.concat(Stream.of("/bin/sh", "-c", script, "sh"), command.stream()).toList();
  }

  private static List<String> java(String client, Task task, Jvm jvm) {
    List<String> command = new ArrayList<>(jvm.command());
    command.addAll(List.of(ClientMain.class.getName(), client));
    command.addAll(task.arguments());
    return command;
  }
}
