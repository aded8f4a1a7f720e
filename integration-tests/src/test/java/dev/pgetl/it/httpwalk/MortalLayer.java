package dev.pgetl.it.httpwalk;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.memory.StoreChange;
import java.util.function.Consumer;

/** A layer that writes nothing more once its process was killed. Thread-safe. */
final class MortalLayer implements PersistentLayer {
  private final Object lock = new Object();
  private final PersistentLayer layer;
  private boolean dead;

  MortalLayer(PersistentLayer layer) {
    this.layer = layer;
  }

  void die() {
    synchronized (lock) {
      dead = true;
    }
  }

  @Override
  public void write(StoreChange change) {
    synchronized (lock) {
      if (dead) {
        throw new EtlException(ErrorKind.STORE_CORRUPT, "the process is gone");
      }
      layer.write(change);
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
