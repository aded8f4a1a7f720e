package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.rows.CopySpeed;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.schema.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When tables that fail where others do not get a worker. */
class SyncQueueLastTest {
  private final Tables tables = new GroupScene().tables;
  private int ids;

  private Table small() {
    ids++;
    return tables.add(new TableId(ids), GroupScene.name(ids));
  }

  private Table sized(long mebibytes) {
    Table table = small();
    table.notes().copy().sized(mebibytes << 20, -1);
    return table;
  }

  private List<Table> large(int count) {
    return Stream.generate(() -> sized(100)).limit(count).toList();
  }

  private Table failing() {
    return failing(small());
  }

  private static Table failing(Table table) {
    table.notes().copyLast();
    return table;
  }

  private static SyncQueue queue(int workers, List<Table> waiting) {
    SyncQueue queue = new SyncQueue(workers, 16, new CopySpeed(Platform.jvm()), false);
    waiting.forEach(queue::add);
    return queue;
  }

  /** {@return the tables in the order of their turn, the workers still running} */
  private static List<Table> takeAll(SyncQueue queue) {
    List<Table> taken = new ArrayList<>();
    for (List<Table> next = queue.take(); !next.isEmpty(); next = queue.take()) {
      taken.addAll(next);
    }
    return taken;
  }

  @Test
  void aTableThatFailsGetsOneWorkerInFourWhileOthersWait() {
    List<Table> failing = List.of(failing(), failing());
    SyncQueue queue = queue(1, failing);
    large(10).forEach(queue::add);

    List<Table> order = new ArrayList<>();
    for (List<Table> next = queue.take(); !next.isEmpty(); next = queue.take()) {
      order.addAll(next);
      queue.ended(next);
    }

    assertThat(order.indexOf(failing.get(0))).isEqualTo(3);
    assertThat(order.indexOf(failing.get(1))).isEqualTo(7);
    assertThat(order).hasSize(12);
  }

  /** It may hold its worker for long. */
  @Test
  void oneOfThemAtATimeWhileOthersWait() {
    List<Table> large = large(10);
    SyncQueue queue = queue(4, List.of(failing(), failing()));
    large.forEach(queue::add);

    int failing = 0;
    for (int taken = 0; taken < 9; taken++) {
      List<Table> next = queue.take();
      if (large.containsAll(next)) {
        queue.ended(next);
      } else {
        failing++;
      }
    }

    assertThat(failing).isEqualTo(1);
  }

  @Test
  void oneWorkerIsAlwaysKeptFreeOfThem() {
    List<Table> failing = List.of(failing(), failing(), failing());
    SyncQueue queue = queue(3, failing);

    assertThat(takeAll(queue)).isEqualTo(failing.subList(0, 2));
    Table added = small();
    queue.add(added);
    assertThat(queue.take()).containsExactly(added);
  }

  @Test
  void theOnlyWorkerIsForThemOnceNoOtherWaits() {
    List<Table> failing = List.of(failing(), failing());

    assertThat(takeAll(queue(1, failing))).isEqualTo(failing.subList(0, 1));
  }

  /** The one that has waited longest comes first, whatever its size. */
  @Test
  void theyTakeTurns() {
    Table small = failing(sized(1));
    Table large = failing(sized(100));
    SyncQueue queue = queue(1, List.of(small, large));

    assertThat(queue.take()).containsExactly(small);
    queue.add(small);
    queue.ended(List.of(small));

    assertThat(queue.take()).containsExactly(large);
  }

  /** One worker is kept for short tables here, too. */
  @Test
  void aLargeOneWaitsUntilAnotherLargeTableIsCopied() {
    Table large = sized(9_000);
    Table failing = failing(sized(8_000));
    SyncQueue queue = queue(2, List.of(large, failing));

    assertThat(takeAll(queue)).containsExactly(large);
    queue.ended(List.of(large));

    assertThat(queue.take()).containsExactly(failing);
  }

  @Test
  void aTableThatFailsMeanwhileLosesItsPlace() {
    Table table = small();
    SyncQueue queue = queue(9, List.of(table));
    table.notes().copyLast();
    queue.add(table);

    assertThat(takeAll(queue)).containsExactly(table);
  }

  @Test
  void theyAreAmongTheTablesThatWait() {
    Table table = failing();
    SyncQueue queue = queue(9, List.of(table));
    assertThat(queue.tables()).containsExactly(table);

    queue.remove(table);

    assertThat(queue.take()).isEmpty();
  }

  @Test
  void whoHasAWorkerIsNotWaitedFor() {
    Table table = failing();
    SyncQueue queue = queue(1, List.of(table));
    assertThat(queue.isWaitedFor()).isTrue();

    table.syncRun(new SyncQueueTest.Running());

    assertThat(queue.isWaitedFor()).isFalse();
    assertThat(queue.take()).isEmpty();
  }
}
