package dev.pgetl.internal.capture.session;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which process acts for a pipeline: at most one does. Thread-safe.
 *
 * <p>Every session of the owner holds an advisory lock in shared mode. A newcomer takes it
 * exclusively, which is possible only while no session holds it, then shared, then releases the
 * exclusive one. It only tries: a request that waits would queue the owner's own sessions behind
 * it. A further session is the owner's if another session of this process holds the lock as well:
 * then no other process can have been the owner in between, and it is the same database of the same
 * server. If no other session is left, this process is a newcomer again.
 */
public final class Ownership {
  private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);

  /** The pipeline's advisory lock, as one session sees it. Every method asks the server. */
  public interface SessionLock {
    /** {@return whether the session holds it exclusively now} */
    boolean tryExclusive();

    /** Releases the exclusive lock. */
    void releaseExclusive();

    /** {@return whether the session holds it in shared mode now} */
    boolean tryShared();

    /** Releases the shared lock. */
    void releaseShared();

    /** {@return every session that holds it} */
    Collection<Holder> holders();

    /** Ends sessions of another process; some may have ended already. */
    void end(Collection<Holder> holders);

    /** {@return the server process of this session} */
    int pid();
  }

  /**
   * A session that holds the lock.
   *
   * @param pid its server process
   * @param startedAt when that began, since the number may be used again; empty if this role may
   *     not see it
   * @param client who it is, for messages
   */
  public record Holder(int pid, String startedAt, String client) {
    private Key key() {
      return new Key(pid, startedAt);
    }
  }

  /** What distinguishes one session from all others. */
  private record Key(int pid, String startedAt) {}

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A server process that was ended is gone in no time. */
  private static final long OVERTAKE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** How long a newcomer that tries can hold up a session of the owner. */
  private static final Duration TRY = Duration.ofSeconds(2);

  /** A role sees when sessions of another one began only if it may read all statistics. */
  private static final String OTHER_ROLE =
      ". If it is a session of this process with another role, GRANT pg_read_all_stats to both";

  private final String pipelineId;
  private final Platform platform;
  private final Lock oneAtATime;
  private final Set<Key> own = ConcurrentHashMap.newKeySet();
  private volatile boolean begun;

  /** Fails if the store says that this process may not act now. */
  private volatile BooleanSupplier mandate = () -> false;

  /**
   * Creates it; nothing is owned yet.
   *
   * @param pipelineId the pipeline, for messages
   */
  public Ownership(String pipelineId, Platform platform) {
    this.pipelineId = pipelineId;
    this.platform = platform;
    this.oneAtATime = platform.newLock();
  }

  /**
   * Becomes the owner.
   *
   * @param lock of the first session
   * @param patience how long a predecessor may take to leave
   * @throws EtlException of kind {@code SLOT_IN_USE} if another process is the owner
   */
  public void begin(SessionLock lock, Duration patience) {
    begin(lock, patience, () -> false);
  }

  /**
   * Becomes the owner, and may end the sessions of a predecessor that does not leave.
   *
   * @param lock of the first session
   * @param patience how long a predecessor may take to leave
   * @param overtaking asked before sessions are ended, and before the lock is taken again; fails if
   *     this process may not act now
   * @throws EtlException of kind {@code SLOT_IN_USE} if another process is the owner
   */
  void begin(SessionLock lock, Duration patience, BooleanSupplier overtaking) {
    oneAtATime.lock();
    try {
      mandate = overtaking;
      remember(acquire(lock, patience, overtaking));
      begun = true;
    } finally {
      oneAtATime.unlock();
    }
  }

  /** {@return whether this process has become the owner} Sessions before that own nothing. */
  public boolean hasBegun() {
    return begun;
  }

  /**
   * Fails if the store says that this process may not act now: it opens no session then, because
   * the one that may be about to take over needs all of them to be gone.
   */
  void requireMandate() {
    boolean unused = mandate.getAsBoolean();
  }

  /**
   * A further session of the owner.
   *
   * @param lock of that session
   * @param proof runs if no other session is left, and fails if another process may have acted in
   *     between
   * @throws EtlException of kind {@code SLOT_IN_USE} if another process is the owner now
   */
  public void join(SessionLock lock, Runnable proof) {
    oneAtATime.lock();
    try {
      long until = platform.nanos() + TRY.toNanos();
      Set<Key> held = share(lock, until);
      while (!own.containsAll(without(held, lock.pid()))) {
        lock.releaseShared(); // two processes that wait for each other would both be refused
        pauseOrRefuse(lock, until); // for one of ours that is about to end
        held = share(lock, until);
      }
      if (without(held, lock.pid()).isEmpty()) {
        lock.releaseShared();
        requireMandate(); // another process may have ended the last session
        held = acquire(lock, TRY, () -> false);
        proof.run();
      }
      remember(held);
    } finally {
      oneAtATime.unlock();
    }
  }

  /** {@return who shares the lock, this session too} */
  private Set<Key> share(SessionLock lock, long until) {
    requireMandate();
    while (!lock.tryShared()) {
      pauseOrRefuse(lock, until);
      requireMandate();
    }
    return keys(lock.holders());
  }

  /** {@return the session, which is the only one} */
  private Set<Key> acquire(SessionLock lock, Duration patience, BooleanSupplier overtaking) {
    long until = platform.nanos() + patience.toNanos();
    for (int attempt = 1; !lock.tryExclusive(); attempt++) {
      if (overtaking.getAsBoolean()) {
        endOthers(lock);
        pauseOrRefuse(lock, until, OVERTAKE_NANOS);
        continue;
      }
      if (attempt == 1) {
        LOG.info("pipeline {} waits for {} to end", pipelineId, other(lock));
      }
      pauseOrRefuse(lock, until);
    }
    if (!lock.tryShared()) {
      throw refused(lock);
    }
    Set<Key> first = keys(lock.holders());
    lock.releaseExclusive();
    return first;
  }

  private void endOthers(SessionLock lock) {
    List<Holder> others =
        lock.holders().stream()
            .filter(holder -> holder.pid() != lock.pid() && !own.contains(holder.key()))
            .toList();
    others.forEach(other -> LOG.info("pipeline {} ends {}", pipelineId, other.client()));
    lock.end(others);
  }

  private void remember(Set<Key> held) {
    own.retainAll(held);
    own.addAll(held);
  }

  private static Set<Key> keys(Collection<Holder> holders) {
    Set<Key> keys = new HashSet<>();
    holders.forEach(holder -> keys.add(holder.key()));
    return keys;
  }

  private static Set<Key> without(Set<Key> keys, int pid) {
    Set<Key> others = new HashSet<>(keys);
    others.removeIf(key -> key.pid() == pid);
    return others;
  }

  private void pauseOrRefuse(SessionLock lock, long until) {
    pauseOrRefuse(lock, until, POLL_NANOS);
  }

  private void pauseOrRefuse(SessionLock lock, long until, long nanos) {
    if (platform.nanos() - until > 0) {
      throw refused(lock);
    }
    try {
      boolean unused = new Latch(platform).await(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused(lock);
    }
  }

  private EtlException refused(SessionLock lock) {
    boolean hidden = otherHolder(lock).filter(holder -> holder.startedAt().isEmpty()).isPresent();
    return new EtlException(
            ErrorKind.SLOT_IN_USE,
            "pipeline " + pipelineId + " belongs to another process: " + other(lock))
        .withFix(
            "Stop that process, or give this pipeline an id of its own"
                + (hidden ? OTHER_ROLE : ""));
  }

  private String other(SessionLock lock) {
    return otherHolder(lock).map(Holder::client).orElse("a session that has just ended");
  }

  private Optional<Holder> otherHolder(SessionLock lock) {
    return lock.holders().stream()
        .filter(holder -> holder.pid() != lock.pid() && !own.contains(holder.key()))
        .findFirst();
  }
}
