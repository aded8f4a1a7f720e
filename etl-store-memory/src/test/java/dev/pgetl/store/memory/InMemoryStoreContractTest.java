package dev.pgetl.store.memory;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.testkit.contract.CleanupStoreContract;
import dev.pgetl.testkit.contract.CopyStoreContract;
import dev.pgetl.testkit.contract.SchemaStoreContract;
import dev.pgetl.testkit.contract.StateStoreContract;
import java.util.function.Consumer;

/**
 * The store over the simulated layer, which can be made to lose the answer to a write that
 * happened.
 */
class InMemoryStoreContractTest
    implements StateStoreContract, SchemaStoreContract, CopyStoreContract, CleanupStoreContract {
  private final PersistentLayer inner = new InMemoryLayer();
  private volatile boolean broken;

  private final class BreakableLayer implements PersistentLayer {
    @Override
    public void write(StoreChange change) {
      inner.write(change);
      failIfBroken();
    }

    @Override
    public void read(Consumer<StoreChange> sink) {
      failIfBroken();
      inner.read(sink);
    }

    private void failIfBroken() {
      if (broken) {
        throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "no answer");
      }
    }
  }

  @Override
  public PipelineStore openStore() {
    return new MemoryStore(new BreakableLayer());
  }

  @Override
  public boolean canBreakPersistence() {
    return true;
  }

  @Override
  public void breakPersistence(boolean value) {
    broken = value;
  }

  @Override
  public boolean canBeShared() {
    return true;
  }
}
