package dev.pgetl.it.doctor;

import dev.pgetl.diagnose.FindingCode;

/**
 * Something wrong with a source.
 *
 * @param code under which it has to be found
 * @param name what it is
 * @param sql what makes it so, run by a superuser; {@code {db}} is the database
 * @param since the first major version that has it
 * @param heals whether the printed SQL fixes it
 */
record Fault(FindingCode code, String name, String sql, int since, boolean heals) {
  static Fault of(FindingCode code, String name, String sql) {
    return new Fault(code, name, sql, 14, true);
  }

  Fault since(int major) {
    return new Fault(code, name, sql, major, heals);
  }

  /** Only the operator can fix it, or not with SQL. */
  Fault byHand() {
    return new Fault(code, name, sql, since, false);
  }

  @Override
  public String toString() {
    return code + ": " + name;
  }
}
