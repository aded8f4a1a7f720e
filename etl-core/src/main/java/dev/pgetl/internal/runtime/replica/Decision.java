package dev.pgetl.internal.runtime.replica;

import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;

/** What follows the end of a term; the first decision counts. Made by one thread, read by any. */
final class Decision {
  private final Latch made;
  private volatile boolean failed;

  /** Creates one that has not been made. */
  Decision(Platform platform) {
    this.made = new Latch(platform);
  }

  /** It is clear whether the pipeline fails. */
  void make(boolean asFailed) {
    if (!made.isOpen()) {
      failed = asFailed;
      made.open();
    }
  }

  /** {@return whether the pipeline fails; waits until that is clear} */
  boolean awaitFailed() {
    made.awaitUninterruptibly();
    return failed;
  }
}
