package dev.pgetl.store.memory;

import dev.pgetl.error.EtlException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process that opens directories and prints the kind of failure of each, or "open". */
final class OtherProcess {

  private OtherProcess() {}

  static List<String> opening(Path... directories) throws IOException {
    return run("exec \"$@\"", directories);
  }

  /** Opens a directory twice, and may make no file longer than nothing. */
  static List<String> openingWithoutRoom(Path directory) throws IOException {
    return run("ulimit -f 0; exec \"$@\"", directory, directory);
  }

  private static List<String> run(String script, Path... directories) throws IOException {
    Stream<String> java =
        Stream.of(
            "sh",
            "-c",
            script,
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            OtherProcess.class.getName());
    List<String> command = Stream.concat(java, Stream.of(directories).map(Path::toString)).toList();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output
        .lines()
        .filter(line -> line.startsWith("> "))
        .map(line -> line.substring(2))
        .toList();
  }

  /** Opens each directory in turn. */
  public static void main(String[] directories) {
    for (String directory : directories) {
      System.out.println("> " + open(Path.of(directory)));
    }
  }

  private static String open(Path directory) {
    try {
      FileLayer.open(directory).close();
      return "open";
    } catch (EtlException e) {
      return e.kind().name();
    }
  }
}
