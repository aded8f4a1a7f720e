package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.decode.PgOutputBytes;

/** Messages around the changes of a transaction. */
final class PgMessages {
  private PgMessages() {}

  static byte[] begin(Committed transaction) {
    return PgOutputBytes.of('B')
        .int64(transaction.commitLsn())
        .int64(PgOutputBytes.COMMIT_MICROS)
        .int32(transaction.xid())
        .bytes();
  }

  static byte[] commit(Committed transaction) {
    return PgOutputBytes.commit(transaction.commitLsn(), transaction.endLsn());
  }
}
