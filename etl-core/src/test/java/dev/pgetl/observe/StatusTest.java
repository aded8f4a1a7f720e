package dev.pgetl.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.ValueEquality;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link PipelineStatus} and its parts, as a user's test makes them. */
class StatusTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "t");

  private static TableStatus.Builder table() {
    return TableStatus.builder(ID, NAME, new Init());
  }

  private static StreamStatus.Builder stream() {
    return StreamStatus.builder().serverLsn(new Lsn(5)).flushedLsn(new Lsn(3));
  }

  private static PipelineStatus.Builder pipeline() {
    return PipelineStatus.builder(State.RUNNING);
  }

  @Test
  void aTableHasCopiedNothingUnlessToldOtherwise() {
    TableStatus table = table().build();

    assertThat(table.id()).isEqualTo(ID);
    assertThat(table.name()).isEqualTo(NAME);
    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(table.copiedRows()).isZero();
    assertThat(table.copiedBytes()).isZero();
    assertThat(table.estimatedRows()).isEqualTo(-1);
    assertThat(table.isReady()).isFalse();
  }

  @Test
  void aStreamHasNotBegunUnlessToldOtherwise() {
    assertThat(StreamStatus.builder().build()).isEqualTo(StreamStatus.NONE);
    assertThat(StreamStatus.NONE.connected()).isFalse();
    assertThat(StreamStatus.NONE.receivedLsn()).isEqualTo(Lsn.ZERO);
    assertThat(StreamStatus.NONE.lastCommitTime()).isEqualTo(Instant.EPOCH);
    assertThat(StreamStatus.NONE.delay()).isZero();
    assertThat(StreamStatus.NONE.lagBytes()).isZero();
    assertThat(stream().build().lagBytes()).isEqualTo(2);
  }

  @Test
  void aPipelineHasNoTablesUnlessToldOtherwise() {
    PipelineStatus pipeline = pipeline().build();

    assertThat(pipeline.state()).isEqualTo(State.RUNNING);
    assertThat(pipeline.tables()).isEmpty();
    assertThat(pipeline.stream()).isEqualTo(StreamStatus.NONE);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void aPipelineIsReadyIfEveryTableIs() {
    TableStatus ready = TableStatus.builder(new TableId(8), NAME, new Ready()).build();

    assertThat(pipeline().tables(Map.of(ready.id(), ready)).build().allReady()).isTrue();
    assertThat(pipeline().tables(Map.of(ready.id(), ready, ID, table().build())).build().allReady())
        .isFalse();
  }

  @Test
  void aPipelineDoesNotChangeAfterwards() {
    Map<TableId, TableStatus> tables = new HashMap<>();
    PipelineStatus pipeline = pipeline().tables(tables).build();
    tables.put(ID, table().build());

    assertThat(pipeline.tables()).isEmpty();
  }

  @Test
  void tablesAreEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> table().build(),
        () -> TableStatus.builder(new TableId(8), NAME, new Init()).build(),
        () -> TableStatus.builder(ID, new TableName("public", "u"), new Init()).build(),
        () -> TableStatus.builder(ID, NAME, new Ready()).build(),
        () -> table().copiedRows(1).build(),
        () -> table().copiedBytes(1).build(),
        () -> table().estimatedRows(1).build());
  }

  @Test
  void streamsAreEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> stream().build(),
        () -> stream().connected(true).build(),
        () -> stream().receivedLsn(new Lsn(1)).build(),
        () -> stream().flushedLsn(new Lsn(1)).build(),
        () -> stream().serverLsn(new Lsn(9)).build(),
        () -> stream().events(1).build(),
        () -> stream().bytes(1).build(),
        () -> stream().reconnects(1).build(),
        () -> stream().lastCommitTime(Instant.ofEpochSecond(1)).build(),
        () -> stream().delay(Duration.ofSeconds(1)).build());
  }

  @Test
  void pipelinesAreEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> pipeline().build(),
        () -> PipelineStatus.builder(State.STOPPED).build(),
        () -> pipeline().tables(Map.of(ID, table().build())).build(),
        () -> pipeline().stream(stream().build()).build(),
        () -> pipeline().bufferedBytes(1).build());
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void refusesWhatCannotBe() {
    assertThatNullPointerException()
        .isThrownBy(() -> TableStatus.builder(ID, NAME, null))
        .withMessage("phase");
    assertThatNullPointerException()
        .isThrownBy(() -> stream().serverLsn(null))
        .withMessage("serverLsn");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table().copiedRows(-1))
        .withMessage("copiedRows must be at least 0, is -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table().estimatedRows(-2))
        .withMessage("estimatedRows must be at least -1, is -2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stream().events(-1))
        .withMessage("events must be at least 0, is -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline().bufferedBytes(-1))
        .withMessage("bufferedBytes must be at least 0, is -1");
  }

  @Test
  void printsItsParts() {
    assertThat(pipeline().tables(Map.of(ID, table().copiedRows(3).build())).build().toString())
        .contains("RUNNING", "public.t", "copiedRows=3", "lastCommitTime=1970-01-01T00:00:00Z");
  }
}
