package dev.pgetl.benchmarks.client;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Bytes the threads of this JVM have allocated. Threads are asked now and then, because those that
 * have ended cannot be asked any more. Thread-safe.
 */
final class Allocation implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Object lock = new Object();
  private final Map<Long, Long> bytes = new HashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);

  Allocation() {
    Thread sampler = new Thread(this::sampleUntilEnd, "allocation");
    sampler.setDaemon(true);
    sampler.start();
  }

  private void sampleUntilEnd() {
    try {
      while (!end.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        sample();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sample() {
    synchronized (lock) {
      long[] ids = threads.getAllThreadIds();
      long[] allocated = threads.getThreadAllocatedBytes(ids);
      for (int i = 0; i < ids.length; i++) {
        if (allocated[i] > 0) {
          bytes.put(ids[i], allocated[i]);
        }
      }
    }
  }

  /** {@return megabytes so far} */
  double megabytes() {
    sample();
    synchronized (lock) {
      return bytes.values().stream().mapToLong(Long::longValue).sum() / 1e6;
    }
  }

  @Override
  public void close() {
    end.countDown();
  }
}
