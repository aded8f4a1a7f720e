package dev.pgetl.testkit.contract;

import dev.pgetl.store.PipelineStore;

/**
 * What the contracts of stores need from the author of one: a way to open it, and, where possible,
 * to break its persistent layer.
 *
 * <p>JUnit makes a new test object for every test, so a field can hold what the stores of one test
 * persist to.
 *
 * <pre>{@code
 * class FileStoreTest
 *     implements StateStoreContract, SchemaStoreContract, CopyStoreContract, CleanupStoreContract {
 *   @TempDir Path folder;
 *
 *   @Override
 *   public PipelineStore openStore() {
 *     return FileStore.open(folder);
 *   }
 * }
 * }</pre>
 */
public interface StoreContract {

  /**
   * Opens a store on the persistent layer of this test, which is empty at the first call, as a
   * process does that starts.
   *
   * <p>A test that opens a second one has closed the first before; the test class closes what is
   * open at the end of a test, in a method with {@code @AfterEach}.
   *
   * @return a store that was just opened; nothing is loaded yet
   */
  PipelineStore openStore();

  /**
   * Closes a store, as a process does that ends. Unless overridden, calls {@code close()} if the
   * store is {@link AutoCloseable}.
   *
   * @param store a store from {@link #openStore()}
   */
  default void closeStore(PipelineStore store) {
    if (store instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("close the store", e);
      }
    }
  }

  /**
   * {@return whether {@link #breakPersistence} works} Without it the rules about failed writes and
   * about look-ups without I/O are not tested.
   */
  default boolean canBreakPersistence() {
    return false;
  }

  /**
   * Makes every access to the persistent layer fail, or work again.
   *
   * @param broken whether it fails from now on
   */
  default void breakPersistence(boolean broken) {
    throw new UnsupportedOperationException(
        "canBreakPersistence() returns true; override this as well");
  }

  /**
   * {@return whether {@link #loseOwnership} works} Without it no test checks that a store notices
   * that its persistent layer was taken or is gone.
   */
  default boolean canLoseOwnership() {
    return false;
  }

  /** Takes the persistent layer away from the store that is open, which is not told. */
  default void loseOwnership() {
    throw new UnsupportedOperationException(
        "canLoseOwnership() returns true; override this as well");
  }

  /**
   * {@return whether the store keeps the ranges of copies} Return false if it has the default
   * methods of {@link dev.pgetl.store.CopyStore}; then no test expects to find what was stored of a
   * copy.
   */
  default boolean keepsCopyRanges() {
    return true;
  }

  /**
   * {@return whether two stores can be open on one persistent layer} Most refuse that; then the
   * rule that loading replaces what is in memory is not tested.
   */
  default boolean canBeShared() {
    return false;
  }
}
