package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.LayerContents;
import dev.pgetl.store.memory.StoreChange;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The store behind a pooler, where a session's lock protects nothing. */
@ExtendWith(PostgresExtension.class)
class PooledConnectionIT {
  private static final TableId TABLE = new TableId(16384);
  private static final MappingStored KEPT = new MappingStored(TABLE, "kept");

  private final TestDatabase database;

  PooledConnectionIT(TestDatabase database) {
    this.database = database;
  }

  private TransactionPooler pooler(boolean announcing) {
    return new TransactionPooler(database.server().host(), database.server().port(), announcing);
  }

  private PostgresLayer layer(TransactionPooler pooler, String pipelineId) {
    return PostgresLayer.builder(database.connection().port(pooler.port()).build(), pipelineId)
        .build();
  }

  private static void assertRefused(PostgresLayer layer, StoreChange change) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> layer.write(change))
        .withMessageContaining("server process")
        .withMessageContaining("address of the server itself")
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
        .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL));
  }

  @Test
  void isRefusedIfItsServerProcessIsNotTheAnnouncedOne() {
    try (TransactionPooler pooler = pooler(false);
        PostgresLayer layer = layer(pooler, "orders")) {
      assertRefused(layer, KEPT);
      assertThat(database.query(PostgresLayer.TABLES_QUERY)).isEmpty();
    }
  }

  @Test
  void isRefusedOnceAStatementReachesAnotherServerProcess() {
    for (StoreChange change :
        List.of(
            new MappingStored(TABLE, "lost"),
            new PhaseRolledBack(TABLE),
            new TableForgotten(TABLE),
            new ProgressDeleted("slot"),
            new CopyRangesStored(TABLE, "lost"),
            new CopyRangesDeleted(TABLE))) {
      try (TransactionPooler pooler = pooler(true);
          PostgresLayer layer = layer(pooler, "orders");
          PostgresLayer other = layer(pooler, "other")) {
        layer.write(KEPT);
        other.write(KEPT);
        pooler.scatter();
        assertRefused(layer, change);
      }
      assertKept();
    }
  }

  private void assertKept() {
    try (PostgresLayer direct =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      assertThat(LayerContents.of(direct).mappings()).containsEntry(TABLE, "kept");
    }
  }
}
