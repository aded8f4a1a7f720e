package dev.pgetl.internal.capture;

/** What the store says about who may act for a pipeline. Thread-safe; answers from memory. */
public interface Mandate {
  /** The store decides nothing. */
  Mandate NONE =
      new Mandate() {
        @Override
        public void require() {}

        @Override
        public boolean overtakes() {
          return false;
        }
      };

  /**
   * Fails unless this process may act now.
   *
   * @throws dev.pgetl.error.EtlException of kind {@code STORE_UNAVAILABLE} if it has to be proven
   *     first; of kind {@code STORE_LOCKED} if it is another process by now
   */
  void require();

  /** {@return whether the sessions of the last owner are ended, because its lease has expired} */
  boolean overtakes();
}
