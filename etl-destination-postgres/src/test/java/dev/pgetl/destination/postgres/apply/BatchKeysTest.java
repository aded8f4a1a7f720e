package dev.pgetl.destination.postgres.apply;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchKeysTest {
  private static final TableSchema A = table("a", 1);
  private static final TableSchema B = table("b", 2);

  /** In their order: begin, a 1, b 1, a 2, truncate of both, b 2, commit. */
  private final List<Event> events =
      TestTransaction.at(0x100)
          .insert(row(A, "1"))
          .insert(row(B, "1"))
          .insert(row(A, "2"))
          .truncate(A, B)
          .insert(row(B, "2"))
          .commit();

  private static TableSchema table(String name, long oid) {
    return TestTable.named(name).id(oid).key("id", TestTable.INT4).build();
  }

  @Test
  void theLastKeyIsThatOfTheLastEventOfEachTable() {
    assertThat(BatchKeys.last(events))
        .isEqualTo(Map.of(A.id(), events.get(4).sequence(), B.id(), events.get(5).sequence()));
  }

  @Test
  void allEventsOfTablesAreNewToATableThatIsNotKnown() {
    assertThat(BatchKeys.newer(events, table -> null)).isEqualTo(events.subList(1, 6));
  }

  @Test
  void whatIsNotBehindTheKnownKeyIsLeftOut() {
    Map<TableId, EventSequence> known =
        Map.of(A.id(), events.get(4).sequence(), B.id(), events.get(2).sequence());

    List<Event> newer = BatchKeys.newer(events, known::get);

    assertThat(newer).hasSize(2);
    assertThat(((Event.Truncate) newer.get(0)).tables()).containsExactly(B);
    assertThat(newer.get(1)).isSameAs(events.get(5));
  }

  @Test
  void aReplayHasNothingNew() {
    assertThat(BatchKeys.newer(events, table -> events.get(6).sequence())).isEmpty();
  }
}
