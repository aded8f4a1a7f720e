package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.Test;

/** Which positions are waited for. */
class ApplyDemandTest {
  private static final Lsn START = new Lsn(0x100);

  private final StreamProgress progress =
      new StreamProgress(
          new PlainStore(),
          new ReplicationProgress("slot", new SlotLineage("cluster", 1, START), START),
          Platform.jvm());
  private final ApplyDemand demand = new ApplyDemand(progress);

  @Test
  void aPositionIsWaitedForUntilItIsDurable() {
    demand.want(new Lsn(0x200));
    assertThat(demand.isOpen()).isTrue();

    assertThat(progress.advance(new Lsn(0x200))).isTrue();
    assertThat(demand.isOpen()).isFalse();
  }

  /** The promoted server may never write as much. */
  @Test
  void aPositionThatIsLostWithAServerIsNotWaitedFor() {
    demand.want(new Lsn(0x300));

    demand.endAt(new Lsn(0x200));

    assertThat(demand.isOpen()).isTrue();
    assertThat(progress.advance(new Lsn(0x200))).isTrue();
    assertThat(demand.isOpen()).isFalse();
  }
}
