package dev.pgetl.internal.runtime.worker;

import dev.pgetl.error.EtlException;

/** What other processes that run the same pipeline mean for this one. Thread-safe. */
public interface Rivals {
  /** There are none: no failure means that another process has taken over. */
  Rivals NONE =
      new Rivals() {
        @Override
        public boolean isLoss(EtlException failure) {
          return false;
        }

        @Override
        public boolean awaitStore(EtlException failure, int attempt) {
          return false;
        }
      };

  /** {@return whether a failure means that another process is the owner; it is no error then} */
  boolean isLoss(EtlException failure);

  /**
   * Waits before a write of the store is repeated.
   *
   * @param failure why it failed
   * @param attempt how many times in a row, from 1
   * @return whether it is to be repeated
   */
  boolean awaitStore(EtlException failure, int attempt) throws InterruptedException;
}
