package dev.pgetl.it.takeover;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The calls that all replicas have begun, in this order. Immutable. */
record Calls(List<Call> calls) {
  /**
   * A call that began.
   *
   * @param nanos when, by the clock of the machine
   * @param replica of which replica
   * @param epoch in which epoch
   * @param stream which calls it cannot overlap with
   * @param ids the rows it carries
   */
  record Call(long nanos, String replica, long epoch, String stream, List<Long> ids) {
    boolean hasRows() {
      return !ids.isEmpty();
    }
  }

  /** {@return what a file holds} */
  static Calls read(Path file) {
    return read(file, 0);
  }

  /** {@return what a file holds behind a number of bytes, where a line begins} */
  static Calls read(Path file, long from) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      open.seek(from);
      byte[] bytes = new byte[(int) (open.length() - from)];
      open.readFully(bytes);
      String text = new String(bytes, StandardCharsets.US_ASCII);
      return new Calls(
          text.substring(0, text.lastIndexOf('\n') + 1).lines().map(Calls::call).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Call call(String line) {
    String[] words = line.split(" ");
    return new Call(
        Long.parseLong(words[0]),
        words[1],
        Long.parseLong(words[2]),
        words[3],
        Arrays.stream(words).skip(4).map(Long::valueOf).toList());
  }

  /** {@return the calls with rows of one epoch or a later one} */
  List<Call> since(long epoch) {
    return calls.stream().filter(call -> call.hasRows() && call.epoch() >= epoch).toList();
  }

  /** {@return the greatest epoch} */
  long epoch() {
    return calls.stream().mapToLong(Call::epoch).max().orElse(0);
  }

  /** {@return who owns the pipeline, as far as calls show} */
  String owner() {
    return calls.stream()
        .filter(call -> call.epoch() == epoch())
        .map(Call::replica)
        .findFirst()
        .orElse("");
  }

  /** {@return all rows that arrived} */
  Set<Long> ids() {
    Set<Long> ids = new TreeSet<>();
    calls.forEach(call -> ids.addAll(call.ids()));
    return ids;
  }

  /** {@return calls of an older epoch that began after one of a newer} */
  List<Call> late() {
    List<Call> late = new ArrayList<>();
    long newest = 0;
    for (Call call : calls) {
      newest = Math.max(newest, call.epoch());
      if (call.epoch() < newest && !call.stream().equals("close")) {
        late.add(call);
      }
    }
    return late;
  }

  /**
   * {@return what breaks the promise: at most one call of an older epoch per stream begins after
   * one of a newer, the one whose check came before; an epoch has one owner}
   */
  List<String> violations() {
    List<String> found = new ArrayList<>();
    Map<String, Integer> late = new HashMap<>();
    for (Call call : late()) {
      if (late.merge(call.epoch() + " " + call.stream(), 1, Integer::sum) > 1) {
        found.add("late again: " + call);
      }
    }
    Map<Long, String> owners = new HashMap<>();
    for (Call call : calls) {
      if (!owners.merge(call.epoch(), call.replica(), (one, other) -> one).equals(call.replica())
          && call.epoch() > 0) {
        found.add("epoch of another owner: " + call);
      }
    }
    return found;
  }
}
