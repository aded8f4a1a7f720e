package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Random texts, most of them nearly conditions: one that leaves its parentheses is never accepted,
 * and one that does not is never refused for that.
 *
 * <p>The server is asked in a transaction that has failed. There it reads a command and then
 * refuses it, whatever it is, so that nothing is ever executed.
 */
class ConditionCheckIT {
  @RegisterExtension private static final Seed SEED = Seed.of("conditions");
  private static final int TEXTS = RandomRuns.count("conditions.count", 3_000);
  private static final String REFUSED_UNREAD = "25P02";

  private static final String REFUSED =
      """
      kind =                                | syntax error
      knd = 1                               | column "knd" does not exist
      kind                                  | must be type boolean
      kind = 1; delete from t               | semicolon
      kind = 1) or (true                    | closes a parenthesis
      kind = 1); delete from t; select (1   | closes a parenthesis
      (kind = 1                             | leaves a parenthesis open
      note = 'a                             | leaves a string open
      kind = 1 /*                           | leaves a comment open
      kind = 'one'                          | SQLSTATE 22P02
      count(*) > 1                          | aggregate functions are not allowed
      true order by id                      | syntax error
      reads_other(id)                       | does not exist
      public.t.kind = 1                     | public
      id in (select id from public.other)   | it reads table public.other
      public.reads_other(id)                | it reads table public.other
      true for update                       | syntax error
      kind = $1                             | no parameter $1
      {d '2026-01-01'} is null              | syntax error
      """;

  private static final List<String> PARTS =
      List.of(
          "'a' = 'b'",
          "'it''s' = n",
          "E'\\'' = n",
          "e'a\\\\' = 'b'",
          "E'a'\n'\\'' = n",
          "'\\' = n",
          "U&'a' = n",
          "B'1' = B'0'",
          "$$a$$ = n",
          "$a$ $$ ( $a$ = n",
          "\"n\" = 'x'",
          "\"a$b\" = $b$)$b$",
          "n$1 = 'y'",
          "(n is null)",
          "((n = 'a') is true)",
          "n /* ( /* ' */ */ = 'x'",
          "n = 'x' -- ) '\n",
          "1 - -1 = 0",
          "length(n) > 1");

  private static final List<String> MUTATIONS =
      List.of(
          "'", "\"", "$", "$$", "(", ")", ";", "--", "/*", "*/", "\n", "\\", "E'", "\\'", "$a$",
          " ");

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(database.connectionConfig(), "it", Platform.jvm());

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @Test
  void saysWhatIsWrong() {
    database.execute(
        """
        create table t(id bigint primary key, kind int not null, note text);
        create table other(id bigint primary key);
        create function reads_other(bigint) returns boolean language sql
          as 'select exists (select from public.other where id = $1)';
        create publication pub for table t;
        """);
    PublishedTable table = source.publishedTables("pub").get(0);
    for (String line : REFUSED.lines().toList()) {
      String[] parts = line.split("\\|", 2);
      assertThat(refusal(table, parts[0].strip()))
          .as(parts[0])
          .startsWith("the condition on the rows of table public.t is refused: ")
          .contains(parts[1].strip());
    }
    assertThat(refusal(table, "t.kind = 1 and note like '%;)%' -- ;")).isEmpty();
    assertThat(refusal(table, "ctid > '(1,1)' and null")).isEmpty();
  }

  @Test
  void neverAcceptsWhatLeavesItsParentheses() throws SQLException {
    database.execute(
        "create table t(n text, a$b text, n$1 text); insert into t values ('x'); create publication pub for table t");
    PublishedTable table = source.publishedTables("pub").get(0);
    SplittableRandom random = new SplittableRandom(SEED.value());
    int accepted = 0;
    int leaving = 0;
    try (Connection failed = database.connect();
        Statement begin = failed.createStatement()) {
      begin.execute("begin");
      CopyManager sql = failed.unwrap(PGConnection.class).getCopyAPI();
      assertThat(parses(sql, "select 1 / 0")).isFalse();
      for (int i = 0; i < TEXTS; i++) {
        String text = text(random);
        boolean stays =
            parses(sql, "select from t where (" + text + "\n)")
                && parses(sql, "select from t where " + text + "\n");
        String refusal = refusal(table, text);
        assertThat(stays && refusal.contains(" is refused: it "))
            .as("%s: %s", text, refusal)
            .isFalse();
        assertThat(refusal.isEmpty() && !stays).as("%s", text).isFalse();
        accepted += refusal.isEmpty() ? 1 : 0;
        leaving += refusal.contains("it closes a parenthesis") ? 1 : 0;
      }
    }
    assertThat(accepted).isGreaterThan(TEXTS / 20);
    assertThat(leaving).isGreaterThan(TEXTS / 100);
    assertThat(database.value("select count(*) from t")).isEqualTo("1");
  }

  /**
   * Sent as a COPY, so that the driver does not look for semicolons: it knows strings less well.
   */
  private static boolean parses(CopyManager sql, String command) {
    try {
      throw new AssertionError(command + " was executed: " + sql.copyOut(command));
    } catch (SQLException e) {
      return REFUSED_UNREAD.equals(e.getSQLState());
    }
  }

  private String refusal(PublishedTable table, String condition) {
    try {
      source.checkCondition(table, condition);
      return "";
    } catch (EtlException e) {
      return e.summary();
    }
  }

  private static String text(SplittableRandom random) {
    List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      parts.add(PARTS.get(random.nextInt(PARTS.size())));
    }
    StringBuilder text =
        new StringBuilder(String.join(random.nextBoolean() ? " or " : " and ", parts));
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(text.length());
      if (random.nextInt(3) == 0) {
        text.deleteCharAt(at);
      } else {
        text.insert(at, MUTATIONS.get(random.nextInt(MUTATIONS.size())));
      }
    }
    return text.toString();
  }
}
