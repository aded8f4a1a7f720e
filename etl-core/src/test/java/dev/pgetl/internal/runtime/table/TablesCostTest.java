package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.TableEvent.ApplyReached;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a table costs must not depend on how many others there are. */
class TablesCostTest {
  private static final int TABLES = 2_000;
  private static final SyncDone DONE = new SyncDone(new Lsn(0x120));

  /** Counts how often someone goes through all tables. */
  private static final class CountingMap extends ConcurrentHashMap<TableId, Table> {
    private static final long serialVersionUID = 1;

    private int walks;

    @Override
    public Collection<Table> values() {
      walks++;
      return super.values();
    }

    @Override
    public KeySetView<TableId, Table> keySet() {
      walks++;
      return super.keySet();
    }

    @Override
    public Set<Map.Entry<TableId, Table>> entrySet() {
      walks++;
      return super.entrySet();
    }
  }

  @Test
  void noStepInTheLifeOfATableGoesThroughTheOthers() throws InterruptedException {
    CountingMap all = new CountingMap();
    Tables tables = tables(Platform.jvm(), all);
    tables.startAt(new Lsn(0x20));
    List<Table> added = new ArrayList<>();
    for (int i = 1; i <= TABLES; i++) {
      added.add(tables.add(new TableId(i), new TableName("public", "t" + i)));
    }
    for (Table table : added) {
      Lsn end = new Lsn(0x1000 + table.id().oid());
      TablesTest.handOver(table, end);
      assertThat(table.generation(end, () -> false)).isNotNegative();
      table.refuse(new Lsn(0x100));
      assertThat(tables.acknowledgeable(end)).isEqualTo(new Lsn(0x100));
      table.restart();
      TablesTest.handOver(table, end);
      assertThat(table.passed(table.state().leftAt())).isTrue();
    }
    tables.settle(new Lsn(0x1000 + TABLES));

    assertThat(added).allMatch(table -> table.phase() instanceof Ready);
    added.forEach(tables::remove);
    assertThat(all).isEmpty();
    assertThat(all.walks).isZero();
  }

  private static Tables tables(Platform platform, ConcurrentMap<TableId, Table> all) {
    return new Tables(new FakeStateStore(), PipelineListener.NONE, platform, all);
  }

  /** A clock that stands, and makes one more table ready whenever the time is asked for. */
  private static final class Clock extends ManualPlatform {
    private final Deque<Table> next = new ArrayDeque<>();
    private boolean moving;

    Clock() {
      super(0);
    }

    @Override
    public long nanos() {
      if (!moving && !next.isEmpty()) {
        moving = true;
        next.remove().move(new ApplyReached());
        moving = false;
      }
      return 0;
    }
  }

  /** Each phase of each table wakes the waiting thread, in whatever order the tables arrive. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWaitForAllTablesAsksEachAFewTimes(boolean lastFirst) throws InterruptedException {
    Clock clock = new Clock();
    Tables tables = tables(clock, new ConcurrentHashMap<>());
    for (int i = 1; i <= TABLES; i++) {
      tables.known(new TableId(i), new TableName("public", "t" + i), DONE);
    }
    tables.all().forEach(lastFirst ? clock.next::addFirst : clock.next::addLast);
    AtomicInteger questions = new AtomicInteger();

    boolean ready =
        tables.await(
            table -> questions.incrementAndGet() > 0 && table.phase() instanceof Ready,
            TimeUnit.HOURS.toNanos(1),
            () -> false);

    assertThat(ready).isTrue();
    assertThat(questions).hasValueLessThan(6 * TABLES);
  }
}
