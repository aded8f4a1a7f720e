package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.exit.RangeAgain;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableExit;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A range of a table is to be copied again, and cannot be. */
class RangeAgainTest {
  private static final KeyRange RANGE = new KeyRange("id", "1", "9");
  private static final Lsn LEFT = new Lsn(0x100);

  private final SyncScene scene = new SyncScene();
  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");

  @AfterEach
  void end() {
    scene.close();
  }

  private Table leaving() {
    Table table = scene.known(new Ready());
    assertThat(table.notes().wantsRangeAgain(RANGE)).isTrue();
    assertThat(TableExit.leave(table, scene.tables, LEFT)).isEqualTo(LEFT);
    return table;
  }

  /** The pipeline would report a table as ready whose range was not copied. */
  @Test
  void aRangeThatIsGivenUpIsKnownUntilTheStoreHasThePhase() {
    Table table = leaving();
    scene.store.fail(away);

    assertThatThrownBy(() -> RangeAgain.giveUp(table)).isSameAs(away);
    assertThat(table.notes().rangeAgain()).isEqualTo(RANGE);

    scene.store.fail(null);
    assertThat(RangeAgain.giveUp(table)).isTrue();
    assertThat(table.notes().rangeAgain()).isNull();
    assertThat(table.phase()).isEqualTo(new Init());
  }

  /** Its worker failed for good; the pipeline does not end because that cannot be stored yet. */
  @Test
  void aRangeThatFailedIsKnownUntilTheStoreHasThePhase() {
    Table table = leaving();
    scene.store.fail(away);

    scene.syncs.schedule(table); // the source does not answer, which is not temporary
    await().until(() -> scene.retries.contains("STORE_UNAVAILABLE 1"));
    assertThat(table.notes().rangeAgain()).isEqualTo(RANGE);

    scene.store.fail(null);
    await().until(() -> table.phase() instanceof Init);
    await().until(() -> table.notes().rangeAgain() == null);
    assertThat(scene.unexpected).isEmpty();
  }
}
