package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of tables whose common worker fails. */
class GroupFailuresTest {
  private final SyncScene scene = new Together();
  private final Table first = scene.tables.add(new TableId(1), new TableName("public", "first"));
  private final Table second = scene.tables.add(new TableId(2), new TableName("public", "second"));

  private static final class Together extends SyncScene {
    @Override
    int tablesPerWorker() {
      return 100;
    }

    @Override
    int workers() {
      return 1;
    }
  }

  @AfterEach
  void end() {
    scene.close();
  }

  private void failTogether(EtlException failure) {
    scene.source.askedTogether(
        ids -> {
          throw failure;
        });
    scene.syncs.schedule(List.of(first, second));
  }

  private boolean hasFailed(Table table) {
    return scene.store.history(table.id()).stream().anyMatch(Errored.class::isInstance);
  }

  /** Otherwise the group would begin again at once, and without end. */
  @Test
  void aFailureThatNamesAnotherTableSetsAllBack() {
    failTogether(new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "away").withTable(99));

    await().until(() -> hasFailed(first) && hasFailed(second));

    assertThat(scene.retries).contains("SOURCE_UNAVAILABLE 1");
    assertThat(first.notes().isCopiedAlone()).isFalse();
  }

  @Test
  void aFailureThatNamesOneOfThemSetsThatOneBack() {
    failTogether(new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "away").withTable(1));

    await().until(() -> hasFailed(first));

    assertThat(hasFailed(second)).isFalse();
  }

  /** Their own workers find it again, and report it. */
  @Test
  void whatWaitingDoesNotHelpAgainstIsLeftToTheirOwnWorkers() {
    failTogether(new EtlException(ErrorKind.SOURCE_CONFIGURATION, "no"));

    scene.awaitBegun(1);

    assertThat(scene.begun).containsAnyOf(first.id(), second.id());
    assertThat(first.notes().isCopiedAlone()).isTrue();
    assertThat(hasFailed(first)).isFalse();
  }
}
