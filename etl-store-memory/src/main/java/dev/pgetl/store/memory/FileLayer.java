package dev.pgetl.store.memory;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent layer in its own directory, safe against crashes of the process and the machine.
 *
 * <p>The file {@code journal} holds one change per line in JSON, each line with a checksum. A write
 * appends a line and syncs it to the disk before it returns; writes of several threads at the same
 * time share one sync. When the journal has grown to some three times the size of the state, the
 * state is written to a new file that takes its place, so the journal stays bounded.
 *
 * <p>A journal of an earlier version of the library is read and replaced when it is opened; the
 * earlier version refuses it from then on.
 *
 * <p>After a crash the state is the last acknowledged one, or a later one: an unfinished end of the
 * journal is dropped with a warning. Any other damage is {@link ErrorKind#STORE_CORRUPT}. A write
 * that failed, for example because the disk is full, is taken back and reported as {@link
 * ErrorKind#STORE_UNAVAILABLE}; later ones work as soon as the disk does. The directory is locked:
 * a second process gets {@link ErrorKind#STORE_LOCKED}. It has no leases: the directory belongs to
 * one machine, and no other machine could take over what is in it.
 *
 * <p>{@code journal} and {@code lock} must be plain files; the directory may be a symbolic link.
 * Before each write, and every few seconds while a pipeline runs, the layer checks that both names
 * still lead to the open files. If they were deleted, moved or replaced, or the directory was,
 * nothing more is acknowledged: {@link ErrorKind#STORE_UNAVAILABLE}, with retry {@code MANUAL}.
 *
 * <p>The state is also held in memory. It is durable as far as the file system's syncs are; network
 * file systems often guarantee neither that nor the lock. Thread-safe. Interrupts do no harm.
 */
public final class FileLayer implements PersistentLayer {
  private static final Logger LOG = LoggerFactory.getLogger(FileLayer.class);
  private static final long SPARE_BYTES = 1 << 20;

  private final Disk disk;
  private final long spareBytes;
  private final Queue<Pending> queue = new ConcurrentLinkedQueue<>();
  private final Object lock = new Object();
  private StoreState state = new StoreState();
  private @Nullable Journal journal;

  /** Of the journal that was open last; null if it may be another one since. */
  private @Nullable Object identity;

  private long compactAt;
  private boolean closed;

  private FileLayer(Disk disk, long spareBytes) {
    this.disk = disk;
    this.spareBytes = spareBytes;
    this.compactAt = spareBytes;
  }

  /**
   * Opens the state in a directory, made if it is missing.
   *
   * @param directory the state of one pipeline; it must hold no other files
   * @return the layer, with the directory locked until it is closed
   * @throws EtlException of kind {@code STORE_LOCKED} if another process uses the directory, {@code
   *     STORE_CORRUPT} if it is damaged, {@code STORE_UNAVAILABLE} if it cannot be read or written
   */
  public static FileLayer open(Path directory) {
    Disk disk;
    try {
      disk = LocalDisk.open(directory);
    } catch (IOException e) {
      throw FileFailures.unavailable("open the state in " + directory, e);
    }
    return open(disk, SPARE_BYTES);
  }

  /** Opens the state on a disk, to be compacted when it has doubled and grown by that much. */
  static FileLayer open(Disk disk, long spareBytes) {
    FileLayer layer = new FileLayer(disk, spareBytes);
    boolean opened = false;
    try {
      synchronized (layer.lock) {
        layer.createIfMissing();
        layer.compactIfLarge();
      }
      opened = true;
      return layer;
    } finally {
      if (!opened) {
        layer.close();
      }
    }
  }

  private void createIfMissing() {
    try {
      Journal.createIfMissing(disk);
    } catch (IOException e) {
      throw FileFailures.unavailable("create the journal in " + disk, e);
    }
  }

  @Override
  public void write(StoreChange change) {
    writeAll(List.of(change));
  }

  /** Appends all lines with one sync. */
  @Override
  public void writeAll(List<StoreChange> changes) {
    List<Pending> own = changes.stream().map(Pending::new).toList();
    queue.addAll(own);
    synchronized (lock) {
      if (!own.stream().allMatch(pending -> pending.attempted)) {
        writeQueued();
      }
      own.forEach(Pending::throwUnlessDurable);
    }
  }

  /** Writes all waiting changes of all threads with one sync. */
  private void writeQueued() {
    List<Pending> batch = new ArrayList<>();
    for (Pending next = queue.poll(); next != null; next = queue.poll()) {
      next.attempted = true;
      batch.add(next);
    }
    try {
      append(batch);
    } catch (EtlException e) {
      batch.forEach(pending -> pending.failure = e);
      return;
    }
    batch.forEach(pending -> state.apply(pending.change));
    batch.forEach(pending -> pending.durable = true);
    compactIfLarge();
  }

  private void append(List<Pending> batch) {
    Journal open = journal();
    requireInPlace(open);
    journal = null;
    try {
      open.append(batch.stream().map(pending -> pending.json).toList());
    } catch (IOException e) {
      open.abandon(e);
      throw FileFailures.unavailable("write to the journal in " + disk, e);
    }
    journal = open;
  }

  @Override
  public void proveOwnership() {
    synchronized (lock) {
      requireInPlace(journal());
    }
  }

  @Override
  public List<Finding> diagnose() {
    try {
      proveOwnership();
      return List.of();
    } catch (EtlException e) {
      return List.of(Finding.of(FindingCode.STORE_UNREACHABLE, e.summary()).fixedBy(e.fix()));
    }
  }

  /** Nothing is acknowledged into a file that no process can open again. */
  private void requireInPlace(Journal open) {
    try {
      open.requireInPlace();
    } catch (IOException e) {
      throw FileFailures.unavailable("look for the journal in " + disk, e);
    }
  }

  @Override
  public void read(Consumer<StoreChange> sink) {
    synchronized (lock) {
      journal();
      state.changes().forEach(sink);
    }
  }

  /** The open journal; after a failure it is read again, to find out what was written. */
  private Journal journal() {
    if (closed) {
      throw new IllegalStateException("the file layer in " + disk + " is closed");
    }
    Journal open = journal;
    if (open == null) {
      StoreState persistent = new StoreState();
      try {
        disk.requireLocked();
        open = upgraded(Journal.open(disk, identity, persistent::apply), persistent);
      } catch (IOException e) {
        throw FileFailures.unavailable("open the journal in " + disk, e);
      }
      state = persistent;
      use(open);
    }
    return open;
  }

  /** Replaces a journal of an earlier format: an earlier library must not take it up again. */
  private Journal upgraded(Journal opened, StoreState persistent) throws IOException {
    if (opened.isCurrent()) {
      return opened;
    }
    opened.close();
    Journal replacing = Journal.replace(disk, persistent.changes());
    LOG.info("the journal in {} was upgraded to the format of this version", disk);
    return replacing;
  }

  private void use(Journal opened) {
    journal = opened;
    identity = opened.identity();
  }

  /**
   * Rewrites the journal if it is large; if that fails, the old one continues to grow for a while.
   */
  private void compactIfLarge() {
    Journal old = journal();
    if (old.length() < compactAt) {
      return;
    }
    compactAt = 2 * old.length();
    try {
      old.requireInPlace();
      journal = null;
      identity = null;
      old.close();
      Journal compact = Journal.replace(disk, state.changes());
      use(compact);
      compactAt = 2 * compact.length() + spareBytes;
      LOG.debug(
          "compacted the journal in {}: {} to {} bytes", disk, old.length(), compact.length());
    } catch (IOException | EtlException e) {
      LOG.warn("compacting the journal in {} failed; it will be retried", disk, e);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      try {
        if (journal != null) {
          journal.close();
        }
      } catch (IOException e) {
        throw FileFailures.unavailable("close the journal in " + disk, e);
      } finally {
        unlock();
      }
    }
  }

  private void unlock() {
    try {
      disk.close();
    } catch (IOException e) {
      LOG.warn("releasing the lock on {} failed", disk, e);
    }
  }

  /** A change on its way to the journal; its flags are guarded by the layer's lock. */
  private static final class Pending {
    private final StoreChange change;
    private final String json;
    private boolean attempted;
    private boolean durable;
    private @Nullable EtlException failure;

    Pending(StoreChange change) {
      this.change = change;
      this.json = StoreChangeJson.write(change);
    }

    void throwUnlessDurable() {
      if (durable) {
        return;
      }
      throw failure != null
          ? failure
          : new EtlException(ErrorKind.STORE_UNAVAILABLE, "write to the journal was abandoned");
    }
  }
}
