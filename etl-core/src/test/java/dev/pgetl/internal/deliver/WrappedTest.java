package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.RowTransform;
import dev.pgetl.destination.TransformingDestination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.internal.runtime.UnusedDestination;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a wrapper hides, the pipeline cannot report. */
class WrappedTest {
  private static final TableSchema BEFORE =
      TableSchema.builder(new TableId(7), new TableName("public", "users"))
          .columns(List.of(column("name", 1).build()))
          .build();
  private static final TableSchema NEXT =
      BEFORE.toBuilder()
          .columns(
              List.of(
                  column("name", 1).build(),
                  column("state", 2).defaultExpression("'new'::text").build()))
          .build();

  private static ColumnSchema.Builder column(String name, int number) {
    return ColumnSchema.builder(name, PgType.base(25, "text")).attributeNumber(number);
  }

  /** It may do anything with the values of a new column. */
  private record OfTheUser(TableSchema table) implements RowTransform {
    @Override
    public TableRow apply(TableRow row) {
      return row;
    }
  }

  /** A wrapper as a user may write it. */
  private record Timed(Optional<Destination> wrapped) implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }
  }

  private static Destination around(Destination target) {
    return new Timed(Optional.of(target));
  }

  @Test
  void transformsAreFoundInsideWrappers() {
    Destination transforming =
        TransformingDestination.around(new UnusedDestination())
            .transformAll(OfTheUser::new)
            .build();

    assertThat(Wrapped.difference(transforming, BEFORE, NEXT)).isPresent();
    assertThat(Wrapped.difference(around(around(transforming)), BEFORE, NEXT)).isPresent();
    assertThat(Wrapped.difference(around(new UnusedDestination()), BEFORE, NEXT)).isEmpty();
  }

  @Test
  void aDestinationThatNamesItselfIsNotFollowedForEver() {
    Destination itself =
        new UnusedDestination() {
          @Override
          public Optional<Destination> wrapped() {
            return Optional.of(this);
          }
        };

    assertThat(Wrapped.difference(itself, BEFORE, NEXT)).isEmpty();
  }
}
