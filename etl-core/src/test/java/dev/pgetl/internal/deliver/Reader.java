package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.internal.platform.Platform;

/** What a reader has in hand: the batch it fills and the mailbox it offers it to. */
record Reader(OpenBatch batch, Mailbox mailbox) {
  static Reader of(BatchConfig limits, ByteBudget budget, Platform platform) {
    return of(limits, budget, 0, platform);
  }

  static Reader of(BatchConfig limits, ByteBudget budget, long wholeBytes, Platform platform) {
    Mailbox mailbox = new Mailbox(limits, budget, platform);
    return new Reader(new OpenBatch(mailbox, limits, budget, wholeBytes, platform), mailbox);
  }
}
