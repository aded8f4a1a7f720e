package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuleBookTest {
  private static final TableName USERS = new TableName("public", "users");
  private static final TableName PEOPLE = new TableName("public", "people");
  private static final TableRules MASK =
      TableRules.transforming(TableTransform.maskColumn("email", text -> "***"));

  private static RuleBook book(Set<TableName> later, RuleBook.Renaming... renamings) {
    return new RuleBook(TableRules.NONE, Map.of(USERS, MASK), later, Set.of(renamings));
  }

  private static NamedTable named(long id, TableName name, TableName... earlier) {
    return new NamedTable(new TableId(id), name, Set.of(earlier));
  }

  private static boolean masks(RuleBook book, long id, TableName name) {
    return book.of(TableSchema.builder(new TableId(id), name).build()).transform()
        == MASK.transform();
  }

  private static EtlException failure(RuleBook book, NamedTable... tables) {
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> book.published(List.of(tables)));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    return failure;
  }

  @Test
  void aTableKeepsItsRulesWhenItIsRenamed() {
    RuleBook book = book(Set.of());
    book.published(List.of(named(1, USERS), named(2, PEOPLE)));

    assertThat(masks(book, 1, PEOPLE)).isTrue();
    assertThat(masks(book, 2, USERS)).isFalse();
  }

  @Test
  void aTableThatIsMetLaterHasTheRulesOfItsName() {
    RuleBook book = book(Set.of(USERS));
    book.published(List.of());

    assertThat(masks(book, 1, USERS)).isTrue();
    assertThat(masks(book, 1, PEOPLE)).isTrue();
    assertThat(masks(book, 2, PEOPLE)).isFalse();
  }

  @Test
  void aRuleNeedsATable() {
    assertThat(failure(book(Set.of()), named(2, PEOPLE)))
        .hasMessageContaining("table public.users has rules and is not published")
        .hasMessageContaining("notPublishedYet");
  }

  @Test
  void aTableWhoseEarlierNameHasRulesMustBeConfirmed() {
    NamedTable renamed = named(1, PEOPLE, USERS);
    NamedTable successor = named(3, USERS);

    assertThat(failure(book(Set.of()), renamed, successor))
        .hasMessageContaining("table public.people was public.users, which has rules")
        .hasMessageContaining("renamed(from, to)");
    assertThat(failure(book(Set.of(USERS)), renamed))
        .hasMessageContaining("table public.people was public.users, which has rules");

    RuleBook confirmed = book(Set.of(), new RuleBook.Renaming(USERS, PEOPLE));
    confirmed.published(List.of(renamed, successor));
    assertThat(masks(confirmed, 3, USERS)).isTrue();
    assertThat(masks(confirmed, 1, USERS)).isFalse();
  }
}
