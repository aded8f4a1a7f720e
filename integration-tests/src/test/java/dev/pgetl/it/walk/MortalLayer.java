package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.memory.StoreChange;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/** A layer that writes nothing more once its process was killed. Thread-safe. */
public final class MortalLayer implements PersistentLayer {
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final PersistentLayer layer;
  private boolean gone;

  /** A process's view of its layer. */
  public MortalLayer(PersistentLayer layer) {
    this.layer = layer;
  }

  /** Waits for the writes in progress; there is none after it. */
  public void die() {
    gate.writeLock().lock();
    try {
      gone = true;
    } finally {
      gate.writeLock().unlock();
    }
  }

  @Override
  public void write(StoreChange change) {
    gate.readLock().lock();
    try {
      if (gone) {
        throw new EtlException(ErrorKind.STORE_CORRUPT, "the process is gone");
      }
      layer.write(change);
    } finally {
      gate.readLock().unlock();
    }
  }

  @Override
  public void read(Consumer<StoreChange> sink) {
    layer.read(sink);
  }

  @Override
  public void proveOwnership() {
    layer.proveOwnership();
  }

  @Override
  public void close() {
    layer.close();
  }
}
