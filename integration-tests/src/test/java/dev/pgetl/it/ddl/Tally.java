package dev.pgetl.it.ddl;

import dev.pgetl.it.ddl.Step.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts. Not thread-safe. */
final class Tally {
  private final Map<Kind, Integer> made = new TreeMap<>();
  private final Map<Kind, Integer> refused = new TreeMap<>();
  private final Map<Kind, Integer> differing = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();
  private final Map<String, Integer> messages = new TreeMap<>();
  private int steps;
  private int refusals;
  private int plain;
  private int plainRefused;
  private int plainBehind;
  private int differences;

  void step(Step step) {
    steps++;
    made.merge(step.kind(), 1, Integer::sum);
    if (step.kind().isPlain()) {
      plain++;
    }
  }

  int steps() {
    return steps;
  }

  /** A table stopped. It was behind if more than one step was made at once. */
  void refused(long table, List<Step> burst, String message, boolean applies) {
    refusals++;
    messages.merge(
        message.replaceAll("[0-9]+", "#").replaceAll("\"[^\"]*\"", "N"), 1, Integer::sum);
    for (Step step : burst) {
      refused.merge(step.kind(), 1, Integer::sum);
      if (step.kind().isPlain() && step.table() == table) {
        plainRefused++;
        plainBehind += burst.size() > 1 ? 1 : 0;
        if (applies && burst.size() == 1) {
          fault("plain " + step + " refused: " + message);
        }
      }
    }
  }

  void differs(List<Step> burst) {
    differences++;
    burst.forEach(step -> differing.merge(step.kind(), 1, Integer::sum));
  }

  void fault(String text) {
    System.out.println(
        "FAULT at step " + steps + " " + text.replaceAll("x{9,}", "x").replaceAll("[^ -~]", "?"));
    faults.add(text);
  }

  List<String> faults() {
    return faults;
  }

  /** {@return the messages of refusals, without names} */
  Map<String, Integer> messages() {
    return messages;
  }

  @Override
  public String toString() {
    return ("steps %d %s; refusals %d (in bursts with %s); named as differing %d (%s);"
            + " plain steps %d, refused %d, of them behind %d; faults %d")
        .formatted(
            steps,
            made,
            refusals,
            refused,
            differences,
            differing,
            plain,
            plainRefused,
            plainBehind,
            faults.size());
  }
}
