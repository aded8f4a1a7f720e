package dev.pgetl.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.ValueEquality;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.ThreadStatus.Activity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** {@link PipelineStatus} and its parts, as a user's test makes them. */
class StatusTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "t");

  private static final FailureStatus FAILURE =
      new FailureStatus(ErrorKind.SOURCE_UNAVAILABLE, "away", Instant.EPOCH, 1, null);
  private static final SlotStatus SLOT =
      new SlotStatus(SlotStatus.Wal.RESERVED, 7, OptionalLong.of(1));

  private static TableStatus.Builder table() {
    return TableStatus.builder(ID, NAME, new Init());
  }

  private static StreamStatus.Builder stream() {
    return StreamStatus.builder().serverLsn(new Lsn(5)).flushedLsn(new Lsn(3));
  }

  private static PipelineStatus.Builder pipeline() {
    return PipelineStatus.builder(State.RUNNING);
  }

  /** A newer server may have others, which is no reason to end. */
  @Test
  void aStateOfASlotMayBeUnknown() {
    assertThat(SlotStatus.Wal.of("unreserved")).isEqualTo(SlotStatus.Wal.UNRESERVED);
    assertThat(SlotStatus.Wal.of("archived")).isEqualTo(SlotStatus.Wal.UNKNOWN);
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
    assertThat(table.events()).isEqualTo(EventCounts.NONE);
    assertThat(table.events().all()).isZero();
    assertThat(table.isReady()).isFalse();
  }

  @Test
  void aStreamHasNotBegunUnlessToldOtherwise() {
    assertThat(StreamStatus.builder().build()).isEqualTo(StreamStatus.NONE);
    assertThat(StreamStatus.NONE.connected()).isFalse();
    assertThat(StreamStatus.NONE.receivedLsn()).isEqualTo(Lsn.ZERO);
    assertThat(StreamStatus.NONE.lastCommitTime()).isEqualTo(Instant.EPOCH);
    assertThat(StreamStatus.NONE.delay()).isZero();
    assertThat(StreamStatus.NONE.lastProgress()).isEqualTo(Instant.EPOCH);
    assertThat(StreamStatus.NONE.oldestUndelivered()).isEmpty();
    assertThat(StreamStatus.NONE.failure()).isEmpty();
    assertThat(StreamStatus.NONE.slot()).isEmpty();
  }

  /** What the server has written since is not known. */
  @Test
  void aStreamThatIsNotConnectedHasNoLag() {
    assertThat(StreamStatus.NONE.lagBytes()).isEmpty();
    assertThat(stream().build().lagBytes()).isEmpty();
    assertThat(stream().connected(true).build().lagBytes()).hasValue(2);
  }

  @Test
  void aPipelineHasNoTablesUnlessToldOtherwise() {
    PipelineStatus pipeline = pipeline().build();

    assertThat(pipeline.state()).isEqualTo(State.RUNNING);
    assertThat(pipeline.tables()).isEmpty();
    assertThat(pipeline.stream()).isEqualTo(StreamStatus.NONE);
    assertThat(pipeline.copies()).isEqualTo(CopyStatus.NONE);
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void aPipelineCopiesNothingByDefault() {
    CopyStatus copies = CopyStatus.NONE;

    assertThat(copies.tables()).isZero();
    assertThat(copies.tablesLeft()).isZero();
    assertThat(copies.copiedRows()).isZero();
    assertThat(copies.expectedRows()).isZero();
    assertThat(copies.copiedBytes()).isZero();
    assertThat(copies.expectedBytes()).isZero();
    assertThat(copies.remaining()).isEmpty();
  }

  @Test
  void aPipelineIsReadyIfItStreamsEveryTable() {
    StreamStatus connected = stream().connected(true).build();
    TableStatus ready = TableStatus.builder(new TableId(8), NAME, new Ready()).build();
    Map<TableId, TableStatus> tables = Map.of(ready.id(), ready);

    assertThat(pipeline().tables(tables).stream(connected).build().allReady()).isTrue();
    assertThat(
            pipeline().tables(Map.of(ready.id(), ready, ID, table().build())).stream(connected)
                .build()
                .allReady())
        .isFalse();
    assertThat(pipeline().tables(tables).build().allReady()).as("not connected").isFalse();
    assertThat(
            PipelineStatus.builder(State.FAILED).tables(tables).stream(connected)
                .build()
                .allReady())
        .isFalse();
  }

  @Test
  void namesTheTablesThatComeBackOnlyByAResync() {
    TableStatus ready = TableStatus.builder(new TableId(8), NAME, new Ready()).build();
    TableStatus retried = failed(9, "retried", RetryDirective.TIMED);
    TableStatus second = failed(10, "b", RetryDirective.NONE);
    TableStatus first = failed(11, "a", RetryDirective.MANUAL);

    assertThat(
            pipeline()
                .tables(
                    Map.of(
                        ready.id(),
                        ready,
                        retried.id(),
                        retried,
                        second.id(),
                        second,
                        first.id(),
                        first))
                .build()
                .failedTables())
        .containsExactly(first, second);
  }

  private static TableStatus failed(long oid, String name, RetryDirective retry) {
    return TableStatus.builder(
            new TableId(oid), new TableName("public", name), new Errored("no", "", retry, 1))
        .build();
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
        () -> table().estimatedRows(1).build(),
        () -> table().events(new EventCounts(1, 0, 0, 0, Instant.EPOCH)).build(),
        () -> table().failure(FAILURE).build());
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
        () -> stream().delay(Duration.ofSeconds(1)).build(),
        () -> stream().lastProgress(Instant.ofEpochSecond(1)).build(),
        () -> stream().oldestUndelivered(Instant.ofEpochSecond(1)).build(),
        () -> stream().failure(FAILURE).build(),
        () -> stream().slot(SLOT).build());
  }

  @Test
  void copiesAreEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> CopyStatus.builder().build(),
        () -> CopyStatus.builder().tables(1).build(),
        () -> CopyStatus.builder().tablesLeft(1).build(),
        () -> CopyStatus.builder().copiedRows(1).build(),
        () -> CopyStatus.builder().expectedRows(1).build(),
        () -> CopyStatus.builder().copiedBytes(1).build(),
        () -> CopyStatus.builder().expectedBytes(1).build(),
        () -> CopyStatus.builder().remaining(Duration.ZERO).build());
  }

  @Test
  void pipelinesAreEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> pipeline().build(),
        () -> PipelineStatus.builder(State.STOPPED).build(),
        () -> pipeline().tables(Map.of(ID, table().build())).build(),
        () -> pipeline().stream(stream().build()).build(),
        () -> pipeline().copies(CopyStatus.builder().tables(1).build()).build(),
        () -> pipeline().bufferedBytes(1).build(),
        () ->
            pipeline()
                .waits(List.of(new WaitStatus("the store to write", Instant.EPOCH, Duration.ZERO)))
                .build(),
        () -> pipeline().threads(List.of(thread("t", Activity.WORKS, Duration.ZERO))).build(),
        () -> pipeline().failure(FAILURE).build());
  }

  @Test
  void threadsAreEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> thread("t", Activity.WORKS, Duration.ZERO),
        () -> thread("u", Activity.WORKS, Duration.ZERO),
        () -> thread("t", Activity.AWAITS_LOCK, Duration.ZERO),
        () -> ThreadStatus.of("t", Activity.WORKS, Instant.MAX, Duration.ZERO),
        () -> thread("t", Activity.WORKS, Duration.ofSeconds(1)));
  }

  private static ThreadStatus thread(String name, Activity activity, Duration duration) {
    return ThreadStatus.of(name, activity, Instant.EPOCH, duration);
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
        .isThrownBy(() -> new EventCounts(0, 0, 0, -1, Instant.EPOCH))
        .withMessage("truncates must be at least 0, is -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stream().events(-1))
        .withMessage("events must be at least 0, is -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CopyStatus.builder().expectedRows(-1))
        .withMessage("expectedRows must be at least 0, is -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CopyStatus.builder().remaining(Duration.ofSeconds(-1)))
        .withMessage("remaining must not be negative, is PT-1S");
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
