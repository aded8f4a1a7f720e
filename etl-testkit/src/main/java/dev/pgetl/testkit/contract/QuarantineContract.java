package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of {@link Quarantine}. */
public interface QuarantineContract {
  /** A table of the tests. */
  TableId ONE = new TableId(4_000_000_001L);

  /** Another table. */
  TableId OTHER = new TableId(2);

  /**
   * {@return the quarantine as a process finds it that starts, with all that was written before}
   * The one that was opened before is not used any more.
   */
  Quarantine reopenQuarantine();

  private Quarantine opened(long epoch) {
    Quarantine quarantine = reopenQuarantine();
    quarantine.open(epoch, event -> {});
    return quarantine;
  }

  private static EventSequence at(long lsn, long ordinal) {
    return new EventSequence(new Lsn(lsn), ordinal);
  }

  private static QuarantinedEvent event(TableId table, EventSequence sequence, String content) {
    TableName name = new TableName("odd \"schema", "tab\nle");
    return new QuarantinedEvent(table, name, sequence, true, null, content);
  }

  private static List<QuarantinedEvent> all(Quarantine quarantine, TableId table) {
    return quarantine.read(table, EventSequence.NONE, Integer.MAX_VALUE);
  }

  /** Q1, Q3: what was added comes back in order, after a restart too. */
  @Test
  default void q1_whatWasAddedIsDurable() {
    QuarantinedEvent late = event(ONE, at(-1, 3), "late \u0001'\\ \ud83d\ude00 \u2028");
    QuarantinedEvent early = event(ONE, at(5, Long.MAX_VALUE), "");
    QuarantinedEvent other = event(OTHER, at(5, 1), "x".repeat(200_000));
    opened(0).add(List.of(late, other, early));
    Quarantine next = reopenQuarantine();
    List<QuarantinedEvent> seen = new ArrayList<>();
    next.open(0, seen::add);
    assertThat(seen).containsExactlyInAnyOrder(late, early, other);
    assertThat(all(next, ONE)).containsExactly(early, late);
    assertThat(all(next, OTHER)).containsExactly(other);
  }

  /** Q2: an event that is there stays as it is. */
  @Test
  default void q2_addingAgainChangesNothing() {
    Quarantine quarantine = opened(0);
    QuarantinedEvent event = event(ONE, at(5, 1), "first");
    quarantine.add(List.of(event));
    quarantine.mark(ONE, List.of(at(5, 1)), at(9, 4));
    quarantine.add(List.of(event(ONE, at(5, 1), "second"), event(ONE, at(5, 2), "third")));
    assertThat(all(quarantine, ONE))
        .containsExactly(event.replayedAs(at(9, 4)), event(ONE, at(5, 2), "third"));
  }

  /** Q3: events are read in parts. */
  @Test
  default void q3_readsInParts() {
    Quarantine quarantine = opened(0);
    quarantine.add(
        List.of(event(ONE, at(5, 1), "a"), event(ONE, at(5, 2), "b"), event(ONE, at(6, 0), "c")));
    assertThat(quarantine.read(ONE, EventSequence.NONE, 2))
        .extracting(QuarantinedEvent::content)
        .containsExactly("a", "b");
    assertThat(quarantine.read(ONE, at(5, 2), 2))
        .extracting(QuarantinedEvent::content)
        .containsExactly("c");
  }

  /** Q4: marks are given in the order of the list, and taken away. */
  @Test
  default void q4_marksAndUnmarks() {
    Quarantine quarantine = opened(0);
    quarantine.add(List.of(event(ONE, at(5, 1), "a"), event(ONE, at(5, 3), "b")));
    quarantine.mark(ONE, List.of(at(5, 1), at(5, 2), at(5, 3)), at(7, 10));
    Quarantine next = opened(0);
    assertThat(all(next, ONE))
        .extracting(QuarantinedEvent::replayKey)
        .containsExactly(at(7, 10), at(7, 12));
    next.unmark(ONE, List.of(at(5, 1), at(9, 9)));
    assertThat(all(opened(0), ONE))
        .extracting(QuarantinedEvent::replayKey)
        .containsExactly(null, at(7, 12));
  }

  /** Q5: the greatest key of a replay is remembered without its event. */
  @Test
  default void q5_theLastReplayKeyIsRemembered() {
    Quarantine quarantine = opened(0);
    assertThat(quarantine.lastReplayKey(ONE)).isEmpty();
    quarantine.add(List.of(event(ONE, at(5, 1), "a"), event(ONE, at(5, 3), "b")));
    quarantine.mark(ONE, List.of(at(5, 1), at(5, 3)), at(7, 10));
    quarantine.unmark(ONE, List.of(at(5, 3)));
    quarantine.mark(ONE, List.of(at(5, 3)), at(6, 20));
    quarantine.remove(ONE, List.of(at(5, 1), at(5, 3)));
    assertThat(opened(0).lastReplayKey(ONE)).contains(at(7, 11));
  }

  /** Q6: removals are idempotent, and leave other tables alone. */
  @Test
  default void q6_removesAndClears() {
    Quarantine quarantine = opened(0);
    quarantine.add(
        List.of(event(ONE, at(5, 1), "a"), event(ONE, at(5, 2), "b"), event(OTHER, at(5, 1), "c")));
    quarantine.mark(ONE, List.of(at(5, 2)), at(7, 1));
    quarantine.remove(ONE, List.of(at(5, 1), at(8, 8)));
    quarantine.remove(ONE, List.of(at(5, 1)));
    assertThat(all(opened(0), ONE)).extracting(QuarantinedEvent::content).containsExactly("b");
    Quarantine next = opened(0);
    next.clear(ONE);
    next.clear(ONE);
    Quarantine last = opened(0);
    assertThat(all(last, ONE)).isEmpty();
    assertThat(last.lastReplayKey(ONE)).isEmpty();
    assertThat(all(last, OTHER)).hasSize(1);
  }

  /** Q7: an owner of an earlier epoch writes nothing. */
  @Test
  default void q7_aSmallerEpochIsRefused() {
    opened(7).add(List.of(event(ONE, at(5, 1), "a")));
    Quarantine old = reopenQuarantine();
    assertThatThrownBy(() -> old.open(6, event -> {}))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
    assertThatThrownBy(() -> old.clear(ONE)).isInstanceOf(EtlException.class);
    assertThat(all(opened(8), ONE)).hasSize(1);
  }
}
