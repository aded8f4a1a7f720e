package dev.pgetl.internal.sim.mutants;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A change of source files, read from a unified diff.
 *
 * @param description its first line
 * @param files the changes, by file
 */
public record Patch(String description, List<FileChange> files) {
  /**
   * The change of one file.
   *
   * @param path the file, below the folder of all sources
   * @param hunks its places, from top to bottom
   */
  public record FileChange(String path, List<Hunk> hunks) {
    /**
     * {@return the changed source}
     *
     * @throws IllegalStateException if a place is not there
     */
    String applyTo(String source) {
      List<String> lines = new ArrayList<>(source.lines().toList());
      int shift = 0;
      for (Hunk hunk : hunks) {
        int at = hunk.find(lines, hunk.line() + shift);
        if (at < 0) {
          throw new IllegalStateException(
              "line " + hunk.line() + " of " + path + " is not as the patch expects");
        }
        List<String> replaced = lines.subList(at, at + hunk.before().size());
        replaced.clear();
        replaced.addAll(hunk.after());
        shift += hunk.after().size() - hunk.before().size();
      }
      return String.join("\n", lines) + "\n";
    }
  }

  /**
   * One place of a file.
   *
   * @param line the index of its first line when the patch was made
   * @param before its lines
   * @param after what takes their place
   */
  public record Hunk(int line, List<String> before, List<String> after) {
    /** {@return where the lines are, as near as possible to an index; negative if nowhere} */
    private int find(List<String> lines, int near) {
      return IntStream.rangeClosed(0, lines.size() - before.size())
          .filter(at -> lines.subList(at, at + before.size()).equals(before))
          .boxed()
          .min((a, b) -> Math.abs(a - near) - Math.abs(b - near))
          .orElse(-1);
    }
  }

  /** {@return the patch that a text describes} */
  public static Patch parse(String text) {
    List<String> lines = text.lines().toList();
    List<FileChange> files = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith("+++ b/")) {
        files.add(new FileChange(line.substring("+++ b/".length()), new ArrayList<>()));
      } else if (line.startsWith("@@ -")) {
        int first = Integer.parseInt(line.substring("@@ -".length()).split("[, ]", 2)[0]);
        Hunk hunk = new Hunk(first - 1, new ArrayList<>(), new ArrayList<>());
        files.get(files.size() - 1).hunks().add(hunk);
      } else if (!line.startsWith("--- ")) {
        List<Hunk> hunks = files.get(files.size() - 1).hunks();
        add(hunks.get(hunks.size() - 1), line);
      }
    }
    return new Patch(lines.get(0), files);
  }

  private static void add(Hunk hunk, String line) {
    char kind = line.isEmpty() ? ' ' : line.charAt(0);
    String content = line.isEmpty() ? line : line.substring(1);
    if (kind != '+') {
      hunk.before().add(content);
    }
    if (kind != '-') {
      hunk.after().add(content);
    }
  }
}
