package dev.pgetl.it.connect;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Gives the token of the moment, and notes who asks, and with which locks held. */
final class Vault {
  private final AtomicInteger asked = new AtomicInteger();
  private final Set<String> threads = ConcurrentHashMap.newKeySet();
  private final Set<String> locks = ConcurrentHashMap.newKeySet();
  private volatile String token;
  private volatile boolean closed;

  Vault(String token) {
    this.token = token;
  }

  String ask() {
    asked.incrementAndGet();
    threads.add(Thread.currentThread().getName());
    long[] asking = {Thread.currentThread().getId()};
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(asking, true, true)[0];
    Stream.concat(Stream.of(info.getLockedMonitors()), Stream.of(info.getLockedSynchronizers()))
        .map(LockInfo::toString)
        .forEach(locks::add);
    if (closed) {
      throw new IllegalStateException("canary: the vault is closed");
    }
    return token;
  }

  /** Starts over with what it notes: a store holds a lock of its own while it connects. */
  void forget() {
    asked.set(0);
    threads.clear();
    locks.clear();
  }

  void hold(String next) {
    token = next;
  }

  void close() {
    closed = true;
  }

  void open() {
    closed = false;
  }

  int asked() {
    return asked.get();
  }

  Set<String> threads() {
    return threads;
  }

  /** {@return every lock that some thread held while it asked} */
  Set<String> locks() {
    return locks;
  }
}
