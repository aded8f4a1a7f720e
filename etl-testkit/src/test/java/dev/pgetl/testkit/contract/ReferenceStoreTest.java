package dev.pgetl.testkit.contract;

import dev.pgetl.store.PipelineStore;

// tag::storeContract[]
class ReferenceStoreTest
    implements StateStoreContract, SchemaStoreContract, CopyStoreContract, CleanupStoreContract {
  private final StoreLayer persistent = new StoreLayer(); // a folder, a database, …

  @Override
  public PipelineStore openStore() {
    return new ReferenceStore(persistent);
  }

  // Optional: shows what failed writes leave behind.
  @Override
  public boolean canBreakPersistence() {
    return true;
  }

  @Override
  public void breakPersistence(boolean broken) {
    persistent.broken = broken;
  }
}
// end::storeContract[]
