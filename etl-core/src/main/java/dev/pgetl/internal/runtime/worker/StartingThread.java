package dev.pgetl.internal.runtime.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A thread while it starts or opens a pipeline: may be interrupted then, not later. */
public final class StartingThread {
  private final Lock lock;

  @GuardedBy("lock")
  private @Nullable Thread thread;

  @GuardedBy("lock")
  private boolean interrupted;

  public StartingThread(Platform platform) {
    this.lock = platform.newLock();
  }

  /** Starts or opens it on the calling thread; an interrupt from here ends with that. */
  public void during(Runnable start) {
    begin();
    try {
      start.run();
    } finally {
      end();
    }
  }

  private void begin() {
    lock.lock();
    try {
      thread = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      thread = null;
      if (interrupted) {
        boolean unused = Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends what it waits for. */
  public void interrupt() {
    lock.lock();
    try {
      if (thread != null) {
        thread.interrupt();
        interrupted = true;
      }
    } finally {
      lock.unlock();
    }
  }
}
