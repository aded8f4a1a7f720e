package dev.pgetl.destination.postgres.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.postgres.SchemaChanges;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableName;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which statements follow from two versions of a table, and which of them are not run. */
class ShapeChangesTest {
  private static final TableName NAME = new TableName("public", "t");
  private static final PgType TEXT = PgType.base(25, "text");

  private static TargetColumn target(String name, String type) {
    return new TargetColumn(name, type, type, false, false, false, true, true);
  }

  private static SourceColumn before(String name, int number) {
    return new SourceColumn(name, number, "text");
  }

  private static ColumnSchema now(String name, int number) {
    return ColumnSchema.builder(name, TEXT).attributeNumber(number).build();
  }

  private static ShapeChanges changes(
      SchemaChanges mode, boolean empty, List<SourceColumn> before, ColumnSchema... now) {
    List<TargetColumn> columns =
        before.stream().map(column -> target(column.name(), column.type())).toList();
    List<ColumnSchema> next = Arrays.asList(now);
    return ShapeChanges.between(
        mode,
        TableShape.of(NAME, empty, columns, before, next),
        next,
        next.stream().map(column -> "text").toList());
  }

  private static String alter(String what) {
    return "alter table \"public\".\"t\" " + what;
  }

  @Test
  void nothingFollowsFromTheSameColumns() {
    ShapeChanges same = changes(SchemaChanges.REFUSE, false, List.of(before("a", 1)), now("a", 1));
    assertThat(same.statements()).isEmpty();
    assertThat(same.refused()).isEmpty();
  }

  @Test
  void aRenameIsAppliedIfTheNumberProvesIt() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2));
    ShapeChanges proven = changes(SchemaChanges.APPLY, false, before, now("a", 1), now("c", 2));
    assertThat(proven.statements()).containsExactly(alter("rename column \"b\" to \"c\""));
    assertThat(proven.refused()).isEmpty();
  }

  @Test
  void aRenameThatIsNotProvenStopsWithBothStatements() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2));
    for (SchemaChanges mode : List.of(SchemaChanges.APPLY, SchemaChanges.ADD_ONLY)) {
      assertThat(changes(mode, false, before, now("a", 0), now("c", 0)).refused())
          .hasSize(2)
          .anyMatch(statement -> statement.contains("rename column \"b\" to \"c\""))
          .contains(alter("add column \"c\" text"));
    }
  }

  @Test
  void aDropIsAppliedIfNoNewNameAppears() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2));
    assertThat(changes(SchemaChanges.APPLY, false, before, now("a", 0)).statements())
        .containsExactly(alter("drop column \"b\""));
    ShapeChanges kept = changes(SchemaChanges.ADD_ONLY, false, before, now("a", 0));
    assertThat(kept.statements()).isEmpty();
    assertThat(kept.refused()).isEmpty();
  }

  @Test
  void aColumnThatWasDroppedAndAddedAgainHasOtherValues() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2));
    List<String> both = List.of(alter("drop column \"b\""), alter("add column \"b\" text"));
    assertThat(changes(SchemaChanges.APPLY, false, before, now("a", 1), now("b", 3)).statements())
        .isEqualTo(both);
    assertThat(changes(SchemaChanges.ADD_ONLY, false, before, now("a", 1), now("b", 3)).refused())
        .isEqualTo(both);
    assertThat(changes(SchemaChanges.ADD_ONLY, true, before, now("a", 1), now("b", 3)).refused())
        .as("of an empty table")
        .isEmpty();
  }

  /** It stayed in the destination when the source dropped it. */
  @Test
  void aColumnThatIsGoneAndComesBackHasOtherValues() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2).gone());
    List<String> both = List.of(alter("drop column \"b\""), alter("add column \"b\" text"));
    assertThat(changes(SchemaChanges.ADD_ONLY, false, before, now("a", 1), now("b", 3)).refused())
        .isEqualTo(both);
    ShapeChanges old = changes(SchemaChanges.ADD_ONLY, false, before, now("a", 1), now("b", 2));
    assertThat(old.refused()).as("an old version").isEmpty();
    ShapeChanges other = changes(SchemaChanges.ADD_ONLY, false, before, now("a", 0), now("c", 0));
    assertThat(other.refused()).as("no rename of what is gone").isEmpty();
    assertThat(other.statements()).containsExactly(alter("add column \"c\" text"));
  }

  @Test
  void aRenamedColumnGetsItsNewTypeToo() {
    List<SourceColumn> before = List.of(new SourceColumn("a", 1, "character varying(5)"));
    assertThat(changes(SchemaChanges.APPLY, false, before, now("b", 1)).statements())
        .containsExactly(
            alter("rename column \"a\" to \"b\""), alter("alter column \"b\" type text"));
  }

  @Test
  void aNameThatARenameHasFreedIsThatOfANewColumn() {
    List<SourceColumn> before = List.of(before("a", 1));
    ShapeChanges freed = changes(SchemaChanges.APPLY, false, before, now("b", 1), now("a", 2));
    assertThat(freed.refused()).isEmpty();
    assertThat(freed.statements())
        .containsExactly(alter("rename column \"a\" to \"b\""), alter("add column \"a\" text"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'{}'::text[]|'{}'",
        "'a'::public.mood|'a'",
        "'it''s'::public.\"My mood\"|'it''s'",
        "1.239::numeric(10,2)|1.239::numeric(10,2)",
        "'[1,5)'::int4range|'[1,5)'",
        ".5|.5",
        "-7|-7",
        "true|true",
        "now()|",
        "('now'::text)::date|"
      })
  void aConstantDefaultIsAdded(String expression, @Nullable String value) {
    ColumnSchema column =
        ColumnSchema.builder("b", TEXT).attributeNumber(2).defaultExpression(expression).build();
    assertThat(
            changes(SchemaChanges.ADD_ONLY, false, List.of(before("a", 1)), now("a", 1), column)
                .statements())
        .containsExactly(
            alter("add column \"b\" text" + (value == null ? "" : " default " + value)));
  }

  @Test
  void namesAreExchangedByOneMore() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2));
    List<String> all =
        List.of(
            alter("rename column \"a\" to \"pgetl_renamed_1\""),
            alter("rename column \"b\" to \"a\""),
            alter("rename column \"pgetl_renamed_1\" to \"b\""));
    assertThat(changes(SchemaChanges.APPLY, false, before, now("b", 1), now("a", 2)).statements())
        .isEqualTo(all);
    assertThat(changes(SchemaChanges.ADD_ONLY, false, before, now("b", 1), now("a", 2)).refused())
        .isEqualTo(all);
  }

  @Test
  void aNameIsFreeBeforeAnotherColumnTakesIt() {
    List<SourceColumn> before = List.of(before("a", 1), before("b", 2));
    assertThat(changes(SchemaChanges.APPLY, false, before, now("b", 1), now("c", 2)).statements())
        .containsExactly(
            alter("rename column \"b\" to \"c\""), alter("rename column \"a\" to \"b\""));
    assertThat(changes(SchemaChanges.APPLY, false, before, now("b", 1)).statements())
        .as("of a dropped one")
        .containsExactly(alter("drop column \"b\""), alter("rename column \"a\" to \"b\""));
  }

  @Test
  void anEmptyTableMayGetAnyType() {
    List<SourceColumn> before = List.of(new SourceColumn("a", 1, "integer"));
    String statement = alter("alter column \"a\" type text using \"a\"::text::text");
    assertThat(changes(SchemaChanges.APPLY, true, before, now("a", 1)).statements())
        .containsExactly(statement);
    ShapeChanges filled = changes(SchemaChanges.APPLY, false, before, now("b", 1));
    assertThat(filled.refused()).containsExactly(statement.replace("\"a\"", "\"b\""));
    assertThat(filled.all()).hasSize(2).element(0).asString().contains("rename");
  }

  @Test
  void onlySafeTypesAreWidened() {
    assertThat(Widening.isSafe("integer", "bigint")).isTrue();
    assertThat(Widening.isSafe("bigint", "integer")).isFalse();
    assertThat(Widening.isSafe("character varying(5)", "character varying(9)")).isTrue();
    assertThat(Widening.isSafe("character varying(9)", "character varying(5)")).isFalse();
    assertThat(Widening.isSafe("character varying(9)", "text")).isTrue();
    assertThat(Widening.isSafe("text", "character varying(9)")).isFalse();
    assertThat(Widening.isSafe("text", "integer")).isFalse();
  }
}
