package dev.pgetl.internal.estimate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;

/**
 * Measures what copies cost. Thread-safe.
 *
 * <p>A row costs a time, and each of its bytes does; workers may hold each other up, or not. None
 * of that can be seen directly. So what rows have cost is kept by how wide they were and by how
 * many workers copied meanwhile: {@link MeasuredCosts#model} finds out what explains it. Rows that
 * were read as fast as the limit allows say nothing of it.
 */
public final class CopyCosts {
  private static final double NANOS_PER_SECOND = 1e9;

  /** The time of a worker for which rows count as recent, and which part of all its time. */
  private static final double RECENT_SECONDS = 20;

  private static final double RECENT_PART = 0.25;

  /** A call that takes so many times as long as usual has been waiting, which says nothing. */
  private static final double UNUSUAL = 20;

  private static final double LEAST_UNUSUAL_SECONDS = 5;

  /** What is said of a table before any was copied. */
  private static final double FIRST_TABLE_SECONDS = 0.5;

  private static final double FIRST_SMALL_TABLE_SECONDS = 0.05;

  /** A table may have to wait for a lock for long; the next one need not. */
  private static final double LONGEST_TABLE_SECONDS = 60;

  /**
   * Rows of one kind.
   *
   * @param width the power of two of their bytes
   * @param workers how many copied meanwhile
   */
  private record Kind(int width, long workers) {
    static Kind of(Spent rows) {
      return new Kind(Math.getExponent(1 + rows.width()), Math.round(rows.workers()));
    }
  }

  /**
   * A moment of copies.
   *
   * @param share how many seconds each worker has had by then, if they took turns
   */
  record Moment(long nanos, double share) {
    /** {@return what rows have cost that were copied up to a later moment} */
    Spent until(Moment later, long rows, long bytes) {
      double seconds = Math.max(1, later.nanos - nanos) / NANOS_PER_SECOND;
      return new Spent((double) rows, (double) bytes, seconds, later.share - share);
    }
  }

  /** How long some tables took. */
  private record Each(double tables, double seconds) {
    static final Each NONE = new Each(0, 0);

    Each plus(double more, double time) {
      return new Each(tables + more, seconds + time);
    }

    double mean(double ofNone) {
      return tables == 0 ? ofNone : seconds / tables;
    }
  }

  private final Platform platform;
  private final Lock lock;

  @GuardedBy("lock")
  private final Map<Kind, Spent> all = new HashMap<>();

  @GuardedBy("lock")
  private final Map<Kind, Spent> recent = new HashMap<>();

  @GuardedBy("lock")
  private ReadingPace pace;

  @GuardedBy("lock")
  private Each tables = Each.NONE;

  @GuardedBy("lock")
  private Each smallTables = Each.NONE;

  @GuardedBy("lock")
  private int workers;

  @GuardedBy("lock")
  private Moment last;

  /** Creates the costs before any copy. */
  public CopyCosts(Platform platform) {
    this.platform = platform;
    this.lock = platform.newLock();
    this.pace = ReadingPace.of(0, platform.nanos(), 0);
    this.last = new Moment(platform.nanos(), 0);
  }

  /** {@return what measures the rows of a worker} */
  public CopyMeter newMeter() {
    return new CopyMeter(this);
  }

  /** A worker begins to copy rows. */
  Moment begin() {
    lock.lock();
    try {
      advance();
      workers++;
      return last;
    } finally {
      lock.unlock();
    }
  }

  Moment now() {
    lock.lock();
    try {
      advance();
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** A worker has copied its rows. */
  void end() {
    lock.lock();
    try {
      advance();
      workers--;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void advance() {
    long now = platform.nanos();
    double seconds = (now - last.nanos) / NANOS_PER_SECOND;
    last = new Moment(now, last.share + seconds / Math.max(1, workers));
  }

  /** See {@link CopyMeter#copied}. */
  Spent copied(Spent rows, long since, long limit) {
    lock.lock();
    try {
      pace = pace.under(limit, platform.nanos());
      if (since - pace.since() < 0) {
        return Spent.NOTHING;
      }
      Spent spent = rows.inTime(Math.min(1, mostSeconds(rows) / rows.seconds()));
      pace = pace.plus(spent, workers);
      if (!pace.isFree()) {
        return Spent.NOTHING;
      }
      count(spent);
      return spent;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void count(Spent spent) {
    Kind kind = Kind.of(spent);
    Spent unused = all.merge(kind, spent, Spent::plus);
    Spent unusedToo = recent.merge(kind, spent, Spent::plus);
    double remembered = Math.max(RECENT_SECONDS * workers, RECENT_PART * sum(all).seconds());
    if (sum(recent).seconds() > remembered) {
      recent.replaceAll((each, of) -> of.half());
    }
  }

  /** {@return what rows may take without having waited} */
  @GuardedBy("lock")
  private double mostSeconds(Spent rows) {
    Spent usual = sum(recent);
    if (usual.rows() == 0 || pace.limit() > 0) {
      return Double.MAX_VALUE;
    }
    double times = (rows.rows() / usual.rows() + rows.bytes() / Math.max(1, usual.bytes())) / 2;
    return Math.max(LEAST_UNUSUAL_SECONDS, UNUSUAL * usual.seconds() * times);
  }

  private static Spent sum(Map<Kind, Spent> parts) {
    return parts.values().stream().reduce(Spent.NOTHING, Spent::plus);
  }

  /** A worker needed a time for a table, besides its rows. */
  public void tableBegun(long nanos) {
    lock.lock();
    try {
      tables = tables.plus(1, Math.min(nanos / NANOS_PER_SECOND, LONGEST_TABLE_SECONDS));
    } finally {
      lock.unlock();
    }
  }

  /** A worker has copied several tables together. */
  public void smallTables(int count, long nanos) {
    lock.lock();
    try {
      smallTables = smallTables.plus(count, nanos / NANOS_PER_SECOND);
    } finally {
      lock.unlock();
    }
  }

  /** {@return what was measured, under a limit that may be new} */
  MeasuredCosts measured(long limit) {
    lock.lock();
    try {
      pace = pace.under(limit, platform.nanos());
      return new MeasuredCosts(
          List.copyOf(all.values()),
          List.copyOf(recent.values()),
          tables.mean(FIRST_TABLE_SECONDS),
          smallTables.mean(FIRST_SMALL_TABLE_SECONDS),
          smallTables.tables() > 0,
          pace.isLimited());
    } finally {
      lock.unlock();
    }
  }
}
