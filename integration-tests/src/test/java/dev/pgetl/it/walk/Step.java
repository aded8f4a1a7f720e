package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import java.util.Set;

/**
 * One thing that someone does to a running system. Whatever it does is decided by the seed and by
 * the steps before it, never by timing.
 *
 * @param name what a walk prints
 * @param weight how often it is chosen, compared with others
 * @param minVersion the first major version of Postgres that has it
 * @param reports what the pipeline may report about what the step {@link World#concerns}; empty if
 *     the step is survivable
 * @param copies whether a copy of what it concerns is documented
 * @param act what happens
 */
record Step(
    String name, int weight, int minVersion, Set<ErrorKind> reports, boolean copies, Act act) {

  /** What a step does. */
  interface Act {
    void on(World world) throws Exception;
  }

  /** A step that the pipeline survives without a report and without a copy. */
  static Step of(String name, Act act) {
    return new Step(name, 10, 14, Set.of(), false, act);
  }

  Step weight(int value) {
    return new Step(name, value, minVersion, reports, copies, act);
  }

  Step since(int version) {
    return new Step(name, weight, version, reports, copies, act);
  }

  Step mayReport(ErrorKind... kinds) {
    return new Step(name, weight, minVersion, Set.of(kinds), copies, act);
  }

  Step mayCopy() {
    return new Step(name, weight, minVersion, reports, true, act);
  }

  @Override
  public String toString() {
    return name;
  }
}
