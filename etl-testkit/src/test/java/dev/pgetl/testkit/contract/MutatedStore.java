package dev.pgetl.testkit.contract;

import dev.pgetl.store.PipelineStore;
import java.util.function.Function;

/**
 * The contracts of stores, run for the store a test chose. Surefire does not find it by its name.
 */
class MutatedStore
    implements StateStoreContract, SchemaStoreContract, CopyStoreContract, CleanupStoreContract {
  static Function<StoreLayer, PipelineStore> factory = ReferenceStore::new;
  static boolean keepsCopyRanges = true;

  private final StoreLayer persistent = new StoreLayer();

  @Override
  public PipelineStore openStore() {
    return factory.apply(persistent);
  }

  @Override
  public boolean canBreakPersistence() {
    return true;
  }

  @Override
  public void breakPersistence(boolean broken) {
    synchronized (persistent) {
      persistent.broken = broken;
    }
  }

  @Override
  public boolean canLoseOwnership() {
    return true;
  }

  @Override
  public void loseOwnership() {
    synchronized (persistent) {
      persistent.lost = true;
    }
  }

  @Override
  public boolean keepsCopyRanges() {
    return keepsCopyRanges;
  }

  @Override
  public boolean canBeShared() {
    return true;
  }
}
