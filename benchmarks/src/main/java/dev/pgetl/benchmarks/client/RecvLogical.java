package dev.pgetl.benchmarks.client;

import java.util.ArrayList;
import java.util.List;

/** The command line of Postgres's own client. */
public final class RecvLogical {
  private RecvLogical() {}

  /** {@return the command, writing to a file, {@code -} for its output} */
  public static List<String> command(String program, Task task, String file) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "--start",
                "--no-loop",
                "--slot=" + task.text(Setting.SLOT),
                "--dbname=" + address(task),
                "--status-interval=1",
                "--file=" + file,
                "--option=proto_version=1",
                "--option=publication_names=" + task.text(Setting.PUBLICATION),
                "--option=messages=true"));
    if (task.has(Setting.TARGET)) {
      command.add("--endpos=" + task.text(Setting.TARGET));
    }
    return command;
  }

  /** {@return where the server is, as its own programs want to know it} */
  public static String address(Task task) {
    return "host=%s port=%s dbname=%s user=%s %s"
        .formatted(
            task.text(Setting.HOST),
            task.text(Setting.PORT),
            task.text(Setting.DATABASE),
            task.text(Setting.USER),
            task.has(Setting.CERTIFICATE)
                ? "sslmode=verify-full sslrootcert=" + task.text(Setting.CERTIFICATE)
                : "sslmode=disable");
  }
}
