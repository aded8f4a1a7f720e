package dev.pgetl.store.memory;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A process that writes to a store in a directory until it is killed. After each step that was
 * acknowledged it appends the step's number to a file of the thread's own, which is what the store
 * must not fall behind.
 */
final class FileLayerProcess {
  static final int THREADS = 3;
  private static final long SPARE_BYTES = 4000;

  private FileLayerProcess() {}

  static Process start(Path directory) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(
            java.toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            FileLayerProcess.class.getName(),
            directory.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(directory.resolve("stderr").toFile())
        .start();
  }

  static Path state(Path directory) {
    return directory.resolve("state");
  }

  /** The step a thread had acknowledged when it was killed; 0 if none. */
  static long acknowledged(Path directory, int thread) throws IOException {
    Path path = acknowledgements(directory, thread);
    if (Files.notExists(path)) {
      return 0;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long whole = file.length() / Long.BYTES;
      if (whole == 0) {
        return 0;
      }
      file.seek((whole - 1) * Long.BYTES);
      return file.readLong();
    }
  }

  private static Path acknowledgements(Path directory, int thread) {
    return directory.resolve("acknowledged_" + thread);
  }

  static TableId table(int thread) {
    return new TableId(16384 + thread);
  }

  static String slot(int thread) {
    return "slot_" + thread;
  }

  /**
   * The step a thread of the store's writer has come to, and proof that the state is of one step.
   */
  static long stepOf(MemoryStore store, int thread) {
    long phase =
        store
            .getTableReplicationState(table(thread))
            .map(found -> ((SyncDone) found).lsn().value())
            .orElse(0L);
    long progress =
        store.getReplicationProgress(slot(thread)).map(p -> p.flushedLsn().value()).orElse(0L);
    if (progress != phase && progress != phase - 1) {
      throw new AssertionError("phase of step " + phase + ", progress of step " + progress);
    }
    return progress;
  }

  /** Writes until killed. */
  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[0]);
    MemoryStore store = open(directory);
    List<Thread> threads =
        IntStream.range(0, THREADS)
            .mapToObj(thread -> new Thread(() -> write(store, directory, thread)))
            .toList();
    threads.forEach(Thread::start);
  }

  static MemoryStore open(Path directory) {
    try {
      MemoryStore store =
          new MemoryStore(FileLayer.open(LocalDisk.open(state(directory)), SPARE_BYTES));
      store.loadTableReplicationStates();
      store.loadReplicationProgress();
      return store;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(MemoryStore store, Path directory, int thread) {
    SlotLineage lineage = new SlotLineage("7", 1, Lsn.ZERO);
    ByteBuffer acknowledgement = ByteBuffer.allocate(Long.BYTES);
    try (OutputStream acknowledged =
        Files.newOutputStream(
            acknowledgements(directory, thread),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND)) {
      long step = stepOf(store, thread);
      while (true) {
        // What was found at the start counts as acknowledged, like what was written since.
        acknowledged.write(acknowledgement.putLong(0, step).array());
        step++;
        TableReplicationPhase phase = new SyncDone(new Lsn(step));
        store.updateTableReplicationState(table(thread), phase);
        store.storeReplicationProgress(
            new ReplicationProgress(slot(thread), lineage, new Lsn(step)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
