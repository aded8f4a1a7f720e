package dev.pgetl.testkit.contract;

import dev.pgetl.store.PipelineStore;
import java.util.function.Function;

/** The contract of leases, run for the store a test chose. Surefire does not find it. */
class MutatedLeases implements LeaseStoreContract {
  static Function<StoreLayer, PipelineStore> factory = LeasedStore::new;

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
}
