// tag::loggingStoreTest[]
package dev.pgetl.examples.store;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.testkit.contract.CleanupStoreContract;
import dev.pgetl.testkit.contract.CopyStoreContract;
import dev.pgetl.testkit.contract.SchemaStoreContract;
import dev.pgetl.testkit.contract.StateStoreContract;

class LoggingStoreTest
    implements StateStoreContract, SchemaStoreContract, CopyStoreContract, CleanupStoreContract {
  private boolean broken;

  private final LoggingStore.Layer persistent =
      new LoggingStore.Layer() {
        @Override
        protected void reach() {
          if (broken) {
            throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "reach the persistent layer");
          }
        }
      };

  @Override
  public PipelineStore openStore() {
    return new LoggingStore(persistent);
  }

  @Override
  public boolean canBreakPersistence() {
    return true;
  }

  @Override
  public void breakPersistence(boolean nowBroken) {
    broken = nowBroken;
  }

  @Override
  public boolean canBeShared() {
    return true;
  }
}
// end::loggingStoreTest[]
