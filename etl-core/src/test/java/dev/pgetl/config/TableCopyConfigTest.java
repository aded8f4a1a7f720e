package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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

  @Test
  void keepsItsLimitWhichCanBeChanged() {
    CopyLimit limit = CopyLimit.ofBytesPerSecond(1_000);
    TableCopyConfig config = TableCopyConfig.only(Set.of(ONE)).limitedTo(limit);

    limit.bytesPerSecond(5);

    assertThat(config.notPublishedYet(Set.of(ONE)).limit()).containsSame(limit);
    assertThat(limit.bytesPerSecond()).isEqualTo(5);
    assertThat(config).asString().contains("5 bytes/s");
    assertThat(TableCopyConfig.all().limit()).isEmpty();
  }

  @Test
  void aLimitIsNotNegative() {
    CopyLimit limit = CopyLimit.ofBytesPerSecond(0);

    assertThatIllegalArgumentException().isThrownBy(() -> limit.bytesPerSecond(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> CopyLimit.ofBytesPerSecond(-1));
    assertThat(limit).hasToString("none");
  }

  @Test
  void keepsAConditionForEachTable() {
    TableCopyConfig config =
        TableCopyConfig.all().rows(ONE, "a > 1").rows(OTHER, "b").rows(ONE, "a > 2");
    TableCopyConfig more =
        config
            .readBy(ReadBy.KEY)
            .readBy(ONE, ReadBy.BLOCK)
            .limitedTo(CopyLimit.ofBytesPerSecond(1))
            .notPublishedYet(Set.of(ONE));

    assertThat(more.rows(ONE)).contains("a > 2");
    assertThat(more.rows(OTHER)).contains("b");
    assertThat(more.readBy(ONE)).isEqualTo(ReadBy.BLOCK);
    assertThat(TableCopyConfig.all().rows(ONE)).isEmpty();
  }

  @Test
  void aConditionOnRowsThatAreNotCopiedIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TableCopyConfig.only(Set.of(ONE)).rows(OTHER, "a"))
        .withMessageContaining("archive.one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TableCopyConfig.all().rows(ONE, " \n"))
        .withMessageContaining("public.one");
  }
}
