package dev.pgetl.internal.copy;

/** One connection's share of a table's rows. Runs on a thread of the caller. */
public final class CopyWorker {
  CopyWorker() {}

  public void run(RowSink sink) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  public void abort() {
    throw new UnsupportedOperationException();
  }
}
