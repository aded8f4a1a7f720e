package dev.pgetl.store.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FileLayerTest {
  @RegisterExtension private static final Seed SEED = Seed.of("store");
  private static final TableId TABLE = new TableId(16384);

  @TempDir private Path directory;

  @Test
  void isFoundAgainAfterReopening() {
    RandomChanges changes = new RandomChanges(SEED.value());
    LayerContents expected;
    try (FileLayer layer = FileLayer.open(directory.resolve("a/b/c"))) {
      for (int i = 0; i < 300; i++) {
        layer.write(changes.next());
      }
      expected = LayerContents.of(layer);
    }
    try (FileLayer layer = FileLayer.open(directory.resolve("a/b/c"))) {
      assertThat(LayerContents.of(layer)).isEqualTo(expected);
    }
  }

  @Test
  void refusesASecondUserInTheSameProcessAndStaysLocked() {
    try (FileLayer first = FileLayer.open(directory)) {
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> FileLayer.open(directory.resolve("../" + directory.getFileName())))
            .withMessageContaining("this process")
            .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
      }
      first.write(new MappingStored(TABLE, "t"));
    }
    FileLayer.open(directory).close();
  }

  @Test
  void aDamagedDirectoryIsNotLeftLocked() throws IOException {
    Files.writeString(directory.resolve("journal"), "damage\n");
    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> FileLayer.open(directory))
          .withMessageContaining(directory.toRealPath().toString())
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT));
    }
  }

  @Test
  void aPathThatIsNoDirectoryIsUnavailable() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> FileLayer.open(file.resolve("below")))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
  }

  @Test
  void theJournalStaysBounded() throws IOException {
    long largest = 0;
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, 10_000);
    for (int i = 1; i <= 20_000; i++) {
      layer.write(progress("slot_" + i % 3, i));
      layer.write(new PhaseStored(TABLE, new TableReplicationPhase.SyncDone(new Lsn(i))));
      largest = Math.max(largest, disk.content("journal").length);
    }
    LayerContents contents = LayerContents.of(layer);
    assertThat(largest).isLessThan(50_000);
    assertThat(contents.histories().get(TABLE)).hasSize(PersistentLayer.PHASE_HISTORY);
    assertThat(contents.progress()).hasSize(3);
    assertThat(LayerContents.of(FileLayer.open(disk, 10_000))).isEqualTo(contents);
  }

  /** A copy stores its ranges twice for each: the text is long, and each one replaces the last. */
  @Test
  void rangesOfCopiesDoNotPileUp() {
    long largest = 0;
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, 10_000);
    for (int i = 1; i <= 2000; i++) {
      layer.write(new CopyRangesStored(TABLE, "r".repeat(20_000 + i)));
      largest = Math.max(largest, disk.content("journal").length);
    }
    assertThat(largest).isLessThan(100_000);
    layer.write(new CopyRangesDeleted(TABLE));
    for (int i = 1; i <= 1000; i++) {
      layer.write(progress("slot", i));
    }
    assertThat(disk.content("journal")).hasSizeLessThan(20_000);
    assertThat(LayerContents.of(FileLayer.open(disk, 10_000)).copies()).isEmpty();
  }

  @Test
  void aLargeJournalIsCompactedWhenItIsOpened() {
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    for (int i = 1; i <= 1000; i++) {
      layer.write(progress("slot", i));
    }
    FileLayer.open(disk, 10_000);
    assertThat(disk.content("journal")).hasSizeLessThan(300);
  }

  @Test
  void everyWriteOfOneThreadIsOneSync() {
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    for (int i = 1; i <= 100; i++) {
      layer.write(progress("slot", i));
      layer.write(new CopyRangesStored(TABLE, "ranges " + i));
      layer.write(new CopyRangesDeleted(TABLE));
    }
    assertThat(disk.writes()).isEqualTo(300);
    assertThat(new String(disk.content("journal"), US_ASCII).lines()).hasSize(301);
  }

  @Test
  void severalChangesAreOneSync() {
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    layer.writeAll(
        IntStream.rangeClosed(1, 100)
            .<StoreChange>mapToObj(i -> progress("slot " + i, i))
            .toList());
    assertThat(disk.writes()).isEqualTo(1);
    assertThat(LayerContents.of(FileLayer.open(disk, Long.MAX_VALUE)))
        .isEqualTo(LayerContents.of(layer));
    assertThat(new String(disk.content("journal"), US_ASCII).lines()).hasSize(101);
  }

  @Test
  void writesOfManyThreadsAreAllKeptInOrder() throws Exception {
    int threads = 8;
    int perThread = 250;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (FileLayer layer = FileLayer.open(directory)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        String slot = "slot_" + t;
        running.add(executor.submit(() -> writeProgress(layer, slot, perThread)));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } finally {
      executor.shutdownNow();
    }
    try (FileLayer layer = FileLayer.open(directory)) {
      assertThat(LayerContents.of(layer).progress().values())
          .hasSize(threads)
          .allMatch(progress -> progress.flushedLsn().equals(new Lsn(perThread)));
    }
  }

  private static void writeProgress(FileLayer layer, String slot, int count) {
    for (int i = 1; i <= count; i++) {
      layer.write(progress(slot, i));
    }
  }

  @Test
  void anInterruptDoesNoHarmAndIsNotLost() {
    try (FileLayer layer = FileLayer.open(directory)) {
      Thread.currentThread().interrupt();
      layer.write(progress("slot", 1));
      assertThat(Thread.interrupted()).isTrue();
      layer.write(progress("slot", 2));
    }
    Thread.currentThread().interrupt();
    try (FileLayer layer = FileLayer.open(directory)) {
      assertThat(Thread.interrupted()).isTrue();
      assertThat(LayerContents.of(layer).progress())
          .containsEntry("slot", progress("slot", 2).progress());
    }
  }

  @Test
  void isUselessAfterClose() {
    FileLayer layer = FileLayer.open(directory);
    layer.close();
    layer.close();
    assertThatIllegalStateException().isThrownBy(() -> layer.write(progress("slot", 1)));
    assertThatIllegalStateException().isThrownBy(() -> layer.read(change -> {}));
  }

  private static ProgressStored progress(String slot, long lsn) {
    SlotLineage lineage = new SlotLineage("7", 1, Lsn.ZERO);
    return new ProgressStored(new ReplicationProgress(slot, lineage, new Lsn(lsn)));
  }
}
