package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedValuesTest {
  private final SharedValues<List<String>> values = new SharedValues<>();

  @Test
  void equalValuesAreOneObject() {
    List<String> first = values.of(List.of("id", "name"));
    List<String> other = values.of(List.of("id"));

    assertThat(values.of(List.of("id", "name"))).isSameAs(first);
    assertThat(values.of(List.of("id"))).isSameAs(other);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void whatIsNotInUseAnyMoreIsForgotten() {
    WeakReference<List<String>> used = new WeakReference<>(values.of(List.of("id", "name")));

    await()
        .until(
            () -> {
              System.gc();
              return used.refersTo(null);
            });

    List<String> again = values.of(List.of("id", "name"));
    assertThat(values.of(List.of("id", "name"))).isSameAs(again);
  }

  @Test
  void tablesShareColumnsAndColumnsShareTypes() {
    TableSchema first = table(1, "a");
    TableSchema second = table(2, "a");
    TableSchema other = table(3, "b");

    assertThat(second.columns()).isSameAs(first.columns());
    assertThat(second.toBuilder().build().columns()).isSameAs(first.columns());
    assertThat(other.columns()).isNotEqualTo(first.columns());
    assertThat(other.column(0).type()).isSameAs(first.column(0).type());
  }

  private static TableSchema table(long id, String column) {
    PgType type = PgType.base(25, "text");
    return TableSchema.builder(new TableId(id), new TableName("public", "t" + id))
        .columns(List.of(ColumnSchema.of(column, type)))
        .build();
  }
}
