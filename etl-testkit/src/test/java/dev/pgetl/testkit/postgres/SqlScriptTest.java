package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlScriptTest {

  @Test
  void cutsAtSemicolons() {
    assertThat(SqlScript.statements("begin; insert into t values (1);\ncommit;\n"))
        .containsExactly("begin", "insert into t values (1)", "commit");
  }

  @Test
  void leavesOutWhatIsEmptyOrOnlyComment() {
    assertThat(SqlScript.statements(";; -- nothing; here\n; /* nor; here */ ;select 1"))
        .containsExactly("select 1");
  }

  @Test
  void keepsSemicolonsInQuotes() {
    assertThat(
            SqlScript.statements(
                "select 'a;''b;' as \"x;y\"; select e'\\';' ; select 'c\\'; select 2"))
        .containsExactly(
            "select 'a;''b;' as \"x;y\"", "select e'\\';'", "select 'c\\'", "select 2");
  }

  @Test
  void keepsSemicolonsInDollarQuotes() {
    String function = "do $x$ begin perform 1; execute $$select 1;$$; end $x$";
    assertThat(SqlScript.statements(function + ";select $$;$$"))
        .containsExactly(function, "select $$;$$");
  }

  @Test
  void keepsSemicolonsInCommentsInsideAStatement() {
    assertThat(SqlScript.statements("select 1 -- one; two\n + 1; select 2"))
        .containsExactly("select 1 -- one; two\n + 1", "select 2");
  }
}
