package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.TableName;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableCopyConfigTest {
  private static final TableName ONE = new TableName("public", "one");
  private static final TableName OTHER = new TableName("archive", "one");

  @Test
  void copiesAllTables() {
    assertThat(TableCopyConfig.all().copies(ONE)).isTrue();
  }

  @Test
  void copiesNoTable() {
    assertThat(TableCopyConfig.none().copies(ONE)).isFalse();
  }

  @Test
  void copiesOnlyTheTablesNamed() {
    assertThat(TableCopyConfig.only(Set.of(ONE)).copies(ONE)).isTrue();
    assertThat(TableCopyConfig.only(Set.of(ONE)).copies(OTHER)).isFalse();
  }

  @Test
  void copiesAllButTheTablesNamed() {
    assertThat(TableCopyConfig.except(Set.of(ONE)).copies(ONE)).isFalse();
    assertThat(TableCopyConfig.except(Set.of(ONE)).copies(OTHER)).isTrue();
  }

  @Test
  void doesNotChangeAfterwards() {
    Set<TableName> tables = new HashSet<>(Set.of(ONE));
    TableCopyConfig config = TableCopyConfig.only(tables);
    tables.add(OTHER);

    assertThat(config.copies(OTHER)).isFalse();
  }
}
