package dev.pgetl.diagnose;

import dev.pgetl.schema.TableName;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong, or may become so, and how to fix it. Neither its problem nor its fix
 * contains a credential or a cell value. Immutable.
 *
 * <p>Findings are ordered by severity, the worst first, then by code and table.
 */
public final class Finding implements Comparable<Finding> {
  private static final Comparator<Finding> ORDER =
      Comparator.comparing(Finding::severity)
          .thenComparing(Finding::code)
          .thenComparing(finding -> finding.table().map(TableName::toString).orElse(""))
          .thenComparing(Finding::problem);

  private final FindingCode code;
  private final Severity severity;
  private final String problem;
  private final String advice;
  private final List<String> sql;
  private final boolean restart;
  private final @Nullable TableName table;

  private Finding(
      FindingCode code,
      Severity severity,
      String problem,
      String advice,
      List<String> sql,
      boolean restart,
      @Nullable TableName table) {
    this.code = Objects.requireNonNull(code, "code");
    this.severity = Objects.requireNonNull(severity, "severity");
    this.problem = Objects.requireNonNull(problem, "problem");
    this.advice = Objects.requireNonNull(advice, "advice");
    this.sql = List.copyOf(sql);
    this.restart = restart;
    this.table = table;
  }

  /**
   * {@return a finding of the code's usual severity, without a fix}
   *
   * @param code what kind of problem it is
   * @param problem what is so, and what breaks; no secret, no cell value
   */
  public static Finding of(FindingCode code, String problem) {
    return new Finding(code, code.severity(), problem, "", List.of(), false, null);
  }

  /**
   * {@return the same finding with a fix}
   *
   * @param how what to do, without a full stop; may be empty if the statements say it
   * @param statements SQL to run as it is, in this order; each without a semicolon
   */
  public Finding fixedBy(String how, String... statements) {
    return new Finding(code, severity, problem, how, List.of(statements), restart, table);
  }

  /** {@return the same finding, whose fix takes effect with a restart of the server} */
  public Finding thenRestart() {
    return new Finding(code, severity, problem, advice, sql, true, table);
  }

  /**
   * {@return the same finding about one table}
   *
   * @param name its name in the source
   */
  public Finding about(TableName name) {
    return new Finding(code, severity, problem, advice, sql, restart, name);
  }

  /**
   * {@return the same finding of another severity}
   *
   * @param other how bad it is
   */
  public Finding as(Severity other) {
    return new Finding(code, other, problem, advice, sql, restart, table);
  }

  /** {@return what kind of problem it is} */
  public FindingCode code() {
    return code;
  }

  /** {@return how bad it is} */
  public Severity severity() {
    return severity;
  }

  /** {@return what is so, and what breaks} */
  public String problem() {
    return problem;
  }

  /** {@return what to do, in words; may be empty} */
  public String advice() {
    return advice;
  }

  /** {@return the SQL that fixes it, one statement each, in this order; may be empty} */
  public List<String> sql() {
    return sql;
  }

  /** {@return whether the server has to be restarted after the SQL} */
  public boolean needsRestart() {
    return restart;
  }

  /** {@return the table it is about, if it is about one} */
  public Optional<TableName> table() {
    return Optional.ofNullable(table);
  }

  /** {@return the whole fix in one line; empty if there is none} */
  public String fix() {
    String statements = String.join("; ", sql);
    String change = restart ? statements + ", then restart the server" : statements;
    return advice + (advice.isEmpty() || change.isEmpty() ? "" : ": ") + change;
  }

  @Override
  public int compareTo(Finding other) {
    return ORDER.compare(this, other);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Finding that
        && code == that.code
        && severity == that.severity
        && problem.equals(that.problem)
        && fix().equals(that.fix())
        && Objects.equals(table, that.table);
  }

  @Override
  public int hashCode() {
    return Objects.hash(code, severity, problem, table);
  }

  /** {@return a paragraph for a human: the problem in one line, the fix to copy below} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(severity).append(' ').append(code);
    text.append(": ").append(problem);
    if (!advice.isEmpty()) {
      text.append("\n  Fix: ").append(advice).append(sql.isEmpty() ? "." : ":");
    } else if (!sql.isEmpty()) {
      text.append("\n  Fix:");
    }
    sql.forEach(statement -> text.append("\n    ").append(statement).append(';'));
    return restart ? text.append("\n  Then restart the server.").toString() : text.toString();
  }
}
