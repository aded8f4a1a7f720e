package dev.pgetl.internal.capture.condition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ConditionTextIT} compares it with a server. */
class ConditionTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "id > 5",
        "(a) and (b or (c))",
        "note = 'a;b)'",
        "note = 'it''s; )'",
        "note = E'\\'; )'",
        "note = e'\\\\' or (b)",
        "note = E'a'\n'\\'; )'",
        "note = E'a' -- and\n '\\'; )'",
        "note = 'a'\n'b)'",
        "note = U&'\\0041)'",
        "\"odd ); name\" > 1 and \"a\"\"b);\" > 1",
        "note = $$ ) ; ' $$",
        "note = $a$ ) $$ ; $b$ $a$",
        "note = $ä$ ) $ä$",
        "a$b > 1 and (c$ > 1)",
        "a$b$ > 1 and b$b$ > 1",
        "id > 5 -- ) ;",
        "id > /* ) ; /* nested ) */ ; */ 5",
        "id > 5 - -3 and id / 2 > 1 and -id*-1>0",
        "tags[1] = 'x' and j ? 'a' and j -> 'b' ->> 'c' = 'd'",
        "note like '%\\' or (b)",
        "$1 > 2 and x$1 > 2"
      })
  void staysInParentheses(String condition) {
    assertThat(ConditionText.problem(condition)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `  `                         | empty
          true; drop table t           | semicolon
          true); drop table t; (true   | closes a parenthesis
          true) or (true               | closes a parenthesis
          'a' = 'b') or ('c' = 'c'     | closes a parenthesis
          (true                        | leaves a parenthesis open
          ((a) or b                    | leaves a parenthesis open
          note = 'a                    | leaves a string open
          note = 'it''                 | leaves a string open
          note = E'a\\'                | leaves a string open
          note = '\\' or true) or ('   | closes a parenthesis
          note = $a$ b $$              | leaves a string open
          id$$ > 1; $$                 | semicolon
          "a                           | leaves a quoted name open
          id > 5 /* a                  | leaves a comment open
          id > 5 /* /* a */            | leaves a comment open
          E'a' 'b\\';'                 | semicolon
          note = ab'\\';'              | semicolon
          note = E''';'';              | leaves a string open
          """)
  void wouldLeaveThem(String condition, String why) {
    assertThat(ConditionText.problem(condition).orElse("")).contains(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id > 5\0", "id > 5 --\n)", "id > 5 --\r;", "E'a'\u2003\n'\\');'"})
  void seesWhatIsBehindLines(String condition) {
    assertThat(ConditionText.problem(condition)).isPresent();
  }
}
