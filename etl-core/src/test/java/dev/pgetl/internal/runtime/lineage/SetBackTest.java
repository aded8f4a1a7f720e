package dev.pgetl.internal.runtime.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SetBackTest {
  private static final String SLOT = "pgetl_apply_a";
  private static final ReplicationProgress STORED =
      new ReplicationProgress(SLOT, new SlotLineage("7123", 2, Lsn.ZERO), new Lsn(0x1000));

  private final PipelineStore store = new PlainStore();
  private final SetBack setBack = new SetBack(store);

  private void compare(SourceFacts server) {
    setBack.require(store.getReplicationProgress(SLOT), Optional.of(server));
  }

  private static SourceFacts server(int timeline, long end) {
    return new SourceFacts("7123", timeline, new Lsn(end));
  }

  @Test
  void aServerThatWroteOnAgainIsStillAnotherOne() {
    store.storeReplicationProgress(STORED);
    for (long end : new long[] {0xfff, 0x1000, 0x5000}) {
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> compare(server(2, end)));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
      assertThat(failure).hasMessageContaining("ends at 0/FFF, before position 0/1000");
      assertThat(store.getReplicationProgress(SLOT)).isEmpty();
    }
  }

  @Test
  void whatCannotBeComparedIsNot() {
    store.storeReplicationProgress(STORED);
    assertThatNoException()
        .isThrownBy(
            () -> {
              compare(server(2, 0x1000));
              compare(server(3, 0x500));
              compare(new SourceFacts("8000", 2, new Lsn(0x500)));
              compare(new SourceFacts("7123", 2, new Lsn(0x500), true));
              setBack.require(store.getReplicationProgress(SLOT), Optional.empty());
              setBack.require(Optional.empty(), Optional.of(server(2, 0x500)));
            });
    assertThat(store.getReplicationProgress(SLOT)).contains(STORED);
  }
}
