package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.table.SyncRun;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A destination that fails for some of the tables that one worker copies. */
class GroupDestinationTest {
  private final EtlException refused = new EtlException(ErrorKind.DESTINATION_REJECTED, "no");
  private final EtlException away = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "away");
  private final GroupScene scene = new GroupScene();

  @AfterEach
  void nothingIsLeft() {
    scene.assertNothingIsLeft();
  }

  /** A destination that fails at once may have something against the one table only. */
  @ParameterizedTest
  @ValueSource(strings = {"truncate t2", "write t2 1", "copied t2"})
  void aTableThatIsPutOffDoesNotPutOffOthers(String call) throws InterruptedException {
    List<Table> members = List.of(scene.table(1, 1), scene.table(2, 1), scene.table(3, 1));
    scene.fail(call, away);
    GroupSync sync = scene.sync(members.toArray(Table[]::new));

    assertThat(scene.copies(sync)).isTrue();

    assertThat(members).extracting(sync::failure).containsExactly(null, away, null);
    assertThat(members)
        .extracting(each -> each.notes().isCopiedLast())
        .containsExactly(false, true, false);
    assertThat(scene.calls).contains("copied t1", "write t3 1", "copied t3");
  }

  /** To ask for each table would take so long again. */
  @ParameterizedTest
  @ValueSource(strings = {"truncate t1", "write t1 1"})
  void aDestinationThatFailsSlowlyIsAwayForTheNextTable(String call) throws InterruptedException {
    List<Table> members = List.of(scene.table(1, 1), scene.table(2, 1), scene.table(3, 1));
    scene.during.put(call, this::failSlowly);
    GroupSync sync = scene.sync(members.toArray(Table[]::new));

    assertThat(scene.copies(sync)).isFalse();

    assertThat(members)
        .extracting(each -> Objects.requireNonNull(sync.failure(each)).kind())
        .containsOnly(away.kind());
    assertThat(scene.calls).as("no further call").endsWith(call).doesNotContain("truncate t2");
  }

  private void failSlowly() {
    scene.platform.advance(Duration.ofSeconds(1));
    throw away;
  }

  /** It is away for all: they are copied together again. */
  @Test
  void noTableIsCopiedLastIfTheDestinationTakesNone() throws InterruptedException {
    List<Table> members = List.of(scene.table(1, 1), scene.table(2, 1));
    scene.fail("truncate t1", away);
    scene.fail("truncate t2", away);
    GroupSync sync = scene.sync(members.toArray(Table[]::new));

    assertThat(scene.copies(sync)).isFalse();

    assertThat(members).extracting(sync::failure).containsExactly(away, away);
    assertThat(members).noneMatch(each -> each.notes().isCopiedAlone());
  }

  @Test
  void whatIsAwayDoesNotFailWhatWasWrittenBefore() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    Table third = scene.table(3, 1);
    scene.during.put("write t2 1", this::failSlowly);
    GroupSync sync = scene.sync(first, second, third);

    assertThat(scene.copies(sync)).isTrue();

    assertThat(sync.failure(first)).isNull();
    assertThat(sync.failure(second)).isSameAs(away);
    assertThat(sync.failure(third)).extracting(EtlException::kind).isEqualTo(away.kind());
    assertThat(scene.calls)
        .containsExactly("truncate t1", "write t1 1", "truncate t2", "write t2 1", "copied t1");
  }

  @Test
  void aFlushThatFailsFailsAllThatWasWritten() {
    scene.accepted.add("t2");
    scene.fail("flush", refused);
    GroupSync sync = scene.sync(scene.table(1, 1), scene.table(2, 1));

    assertThatThrownBy(sync::run).isSameAs(refused);

    assertThat(scene.calls).endsWith("flush");
  }

  @Test
  void aFlushThatNamesATableIsMadeAgainWithoutIt() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    EtlException ofFirst = new EtlException(ErrorKind.DESTINATION_REJECTED, "no").withTable(1);
    scene.accepted.addAll(List.of("t1", "t2"));
    scene.fail("flush", ofFirst);
    scene.during.computeIfPresent("flush", (call, failing) -> () -> scene.once(call, failing));
    GroupSync sync = scene.sync(first, second);

    assertThat(scene.copies(sync)).isTrue();

    assertThat(sync.failure(first)).isSameAs(ofFirst);
    assertThat(sync.failure(second)).isNull();
    assertThat(scene.calls).endsWith("flush", "flush", "copied t2");
  }

  /** What the destination found bad was taken by the copy of that table. */
  @Test
  void aFlushThatNamesATableOfAnotherWorkerFailsThatOne() throws InterruptedException {
    Table other = scene.table(9, 1);
    other.move(new TableEvent.CopyStarted());
    other.syncRun(new Stopping());
    EtlException ofOther = new EtlException(ErrorKind.DESTINATION_REJECTED, "no").withTable(9);
    scene.accepted.add("t1");
    scene.fail("flush", ofOther);
    scene.during.computeIfPresent("flush", (call, failing) -> () -> scene.once(call, failing));
    GroupSync sync = scene.sync(scene.table(1, 1), scene.table(2, 1));

    assertThat(scene.copies(sync)).isTrue();

    assertThat(other.phase()).isInstanceOf(Errored.class);
    assertThat(scene.calls).endsWith("flush", "flush", "copied t1", "copied t2");
  }

  @Test
  void aFlushThatFailsForATimeFailsNoOtherTable() {
    Table other = scene.table(9, 1);
    other.move(new TableEvent.CopyStarted());
    other.syncRun(new Stopping());
    EtlException ofOther = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "away").withTable(9);
    scene.accepted.add("t1");
    scene.fail("flush", ofOther);
    GroupSync sync = scene.sync(scene.table(1, 1));

    assertThatThrownBy(sync::run).isSameAs(ofOther);

    assertThat(other.phase()).isInstanceOf(DataSync.class);
  }

  @Test
  void aTableThatWasCopiedIsNotTheLastAnyMore() {
    Table table = scene.table(1, 1);
    table.notes().copyLast();
    table.move(new TableEvent.CopyStarted());
    assertThat(table.notes().isCopiedLast()).isTrue();

    table.move(new TableEvent.CopyFinished());

    assertThat(table.notes().isCopiedLast()).isFalse();
    assertThat(table.notes().isCopiedAlone()).isTrue();
  }

  /** The worker of a table. */
  private static final class Stopping implements SyncRun {
    @Override
    public void stop() {}

    @Override
    public void giveUp() {}

    @Override
    public boolean cancel() {
      return true;
    }

    @Override
    public boolean await(long nanos) {
      return true;
    }
  }
}
