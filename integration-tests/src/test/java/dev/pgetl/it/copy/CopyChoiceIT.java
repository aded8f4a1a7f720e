package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.destination.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which tables a running pipeline copies, by the names under which they are published. */
class CopyChoiceIT {
  private static final String TWO_TABLES =
      """
      create table a(id int primary key); insert into a values (1);
      create table b(id int primary key); insert into b values (1);
      create publication pub for table a, b;
      """;

  private static final String PARTITIONED =
      """
      create table a(id int primary key) partition by range (id);
      create table a_1 partition of a for values from (0) to (10);
      create table a_2 partition of a for values from (10) to (20);
      insert into a values (1), (11);
      create publication pub for table a with (publish_via_partition_root = %s);
      """;

  private static Set<TableName> named(String... tables) {
    return Arrays.stream(tables)
        .map(name -> new TableName("public", name))
        .collect(Collectors.toSet());
  }

  @Test
  void onlyTheTablesNamedAreCopied() throws InterruptedException {
    assertCopied(TWO_TABLES, TableCopyConfig.only(named("a")), List.of("a"), List.of("b"));
  }

  @Test
  void noTableIsCopied() throws InterruptedException {
    assertCopied(TWO_TABLES, TableCopyConfig.none(), List.of(), List.of("a", "b"));
  }

  @Test
  void throughTheRootTheNameIsTheRoots() throws InterruptedException {
    String sql = PARTITIONED.formatted(true);
    assertCopied(sql, TableCopyConfig.only(named("a")), List.of("a"), List.of());
    assertCopied(sql, TableCopyConfig.except(named("a")), List.of(), List.of("a"));
  }

  @Test
  void byLeafEachPartitionHasItsOwnName() throws InterruptedException {
    String sql = PARTITIONED.formatted(false);
    assertCopied(sql, TableCopyConfig.only(named("a_1")), List.of("a_1"), List.of("a_2"));
    assertCopied(sql, TableCopyConfig.except(named("a_1")), List.of("a_2"), List.of("a_1"));
  }

  @Test
  void aNameUnderWhichNothingIsPublishedRefusesTheStart() {
    assertRefused(PARTITIONED.formatted(true), "a_1");
    assertRefused(PARTITIONED.formatted(false), "a");
  }

  private static void assertCopied(
      String sql, TableCopyConfig choice, List<String> copied, List<String> left)
      throws InterruptedException {
    try (Scenario scenario = Scenario.with(sql).options(options -> options.tableCopy(choice))) {
      scenario.start().awaitReady();
      boolean byRoot = sql.contains("= true");
      scenario
          .source()
          .execute(
              sql.contains("partition")
                  ? "insert into a values (2), (12)"
                  : "insert into a values (2); insert into b values (2)");
      scenario.awaitApplied();
      int rows = byRoot ? 2 : 1;
      assertThat(copied)
          .allSatisfy(
              table -> {
                assertThat(scenario.destination().truncations(table)).isEqualTo(1);
                assertThat(scenario.destination().copiedRows(table)).hasSize(rows);
                assertThat(scenario.destination().changes(table)).hasSize(rows);
              });
      assertThat(left)
          .allSatisfy(
              table -> {
                assertThat(scenario.destination().truncations(table)).isZero();
                assertThat(scenario.destination().copiedRows(table)).isEmpty();
                assertThat(scenario.destination().changes(table)).hasSize(rows);
              });
    }
  }

  private static void assertRefused(String sql, String name) {
    try (Scenario scenario =
        Scenario.with(sql)
            .options(options -> options.tableCopy(TableCopyConfig.only(named(name))))) {
      EtlException refused = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(refused.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      assertThat(refused.summary()).contains("public." + name);
      assertThat(scenario.destination().calls(Operation.TRUNCATE)).isEmpty();
      assertThat(scenario.source().slots()).isEmpty();
    }
  }
}
