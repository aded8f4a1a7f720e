package dev.pgetl.benchmarks.measure;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Watches a client and the server's processes that serve it, from the outside. Owned by the thread
 * that measures.
 */
public final class Usage implements AutoCloseable {
  /** No process. */
  public static final long NONE = -1;

  private static final long SEARCH_MILLIS = 5;
  private static final long SAMPLE_MILLIS = 50;

  private final ServerUsage server;
  private final ClientUsage client;
  private final ClientUsage target;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread sampler = new Thread(this::sample, "usage");
  private final long createdNanos = System.nanoTime();
  private double clientBefore;
  private double serverBefore;
  private double targetBefore;

  /**
   * Begins to watch.
   *
   * @param postmaster the server's main process
   * @param service what the server does for the client
   * @param client the client's process
   * @param wrapper whether that is there only to start the program that is measured
   */
  public Usage(long postmaster, Service service, long client, boolean wrapper) {
    this(postmaster, service, new ClientUsage(client, wrapper), new ClientUsage(NONE, true));
  }

  /**
   * Begins to watch a client that writes to another server.
   *
   * @param postmaster the main process of the server that is read
   * @param service what that server does for the client
   * @param client the client's process; {@link #NONE} if the other server is the client
   * @param target the main process of the other server
   */
  public Usage(long postmaster, Service service, long client, long target) {
    this(postmaster, service, new ClientUsage(client, false), new ClientUsage(target, true));
  }

  private Usage(long postmaster, Service service, ClientUsage client, ClientUsage target) {
    this.server = new ServerUsage(postmaster, service);
    this.client = client;
    this.target = target;
    sampler.setDaemon(true);
    sampler.start();
  }

  private void sample() {
    try {
      boolean ended = false;
      while (!ended) {
        server.sample();
        client.sample();
        ended = end.await(server.begun() ? SAMPLE_MILLIS : SEARCH_MILLIS, TimeUnit.MILLISECONDS);
      }
      server.sample();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on CPU counts; what was used before does not. */
  public void restart() {
    clientBefore = client.cpuSeconds().orElse(0);
    serverBefore = server.cpuSeconds().orElse(0);
    targetBefore = target.cpuSeconds().orElse(0);
  }

  /**
   * {@return how long ago the server began to serve the client, seconds; since the watch began, if
   * that cannot be seen}
   */
  public double seconds(long endNanos) {
    return Duration.ofNanos(endNanos - server.beginNanos().orElse(createdNanos)).toNanos() / 1e9;
  }

  /** Ends the watch and adds CPU and memory to the figures; the client still runs. */
  public void addTo(Map<Figure, Double> figures) {
    OptionalDouble cpu = client.cpuSeconds();
    OptionalDouble targetCpu = target.cpuSeconds();
    close();
    targetCpu.ifPresent(value -> figures.put(Figure.TARGET_CPU_S, value - targetBefore));
    cpu.ifPresent(value -> figures.put(Figure.CLIENT_CPU_S, value - clientBefore));
    client.peakRssMb().ifPresent(value -> figures.put(Figure.PEAK_RSS_MB, value));
    server.cpuSeconds().ifPresent(value -> figures.put(Figure.SERVER_CPU_S, value - serverBefore));
  }

  /** Ends the watch. */
  @Override
  public void close() {
    end.countDown();
    boolean interrupted = false;
    while (sampler.isAlive()) {
      try {
        sampler.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
