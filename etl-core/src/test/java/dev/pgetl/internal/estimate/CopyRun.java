package dev.pgetl.internal.estimate;

import dev.pgetl.internal.estimate.Expectations.Expected;
import dev.pgetl.internal.estimate.GeneratedCopy.Kind;
import dev.pgetl.internal.estimate.TableLoad.Stage;
import dev.pgetl.internal.platform.ManualPlatform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies the tables of a generated copy in an order as a pipeline has it, and has an estimate made
 * from time to time.
 */
final class CopyRun {
  private static final double NANOS = 1e9;
  private static final double NOISE = 0.25;

  /** What is assumed of the speed before the first copy is complete. */
  private static final double FIRST_SIZE = 300e6;

  private static final double FIRST_SECONDS = 10;

  /** What a smaller part of a table has shown may be chance. */
  private static final double BEGUN = 0.05;

  private static final double WITHIN = 0.2;
  private static final int TABLES_PER_WORKER = 64;
  private static final double SHORT_SECONDS = 10;
  private static final double LONGEST_WAIT_SECONDS = 120;

  /**
   * What a worker does.
   *
   * @param at when it has done that
   * @param since when it began
   * @param notBefore a limit does not allow more
   */
  private record Step(
      double at, double since, List<CopiedTable> tables, double rows, double notBefore) {
    Step until(double later) {
      return new Step(later, since, tables, rows, notBefore);
    }
  }

  /**
   * An estimate.
   *
   * @param at when it was made
   * @param left how long it said the rest would take; negative if it said nothing
   * @param known whether what is not known yet does not matter for the rest
   */
  record Point(double at, double left, boolean known) {}

  private final GeneratedCopy copy;
  private final double limitBefore;
  private final double limitAfter;
  private final double limitChanges;
  private final ManualPlatform clock = new ManualPlatform(0);
  private final CopyCosts costs = new CopyCosts(clock);

  /** What workers wait for. */
  private final Queue<Step> waits = new PriorityQueue<>(Comparator.comparingDouble(Step::at));

  /** Rows of workers that hold each other up, in the time of a worker that is alone. */
  private final Queue<Step> copies = new PriorityQueue<>(Comparator.comparingDouble(Step::at));

  private final List<CopiedTable> waiting = new ArrayList<>();
  private final List<CopiedTable> small = new ArrayList<>();
  private final Set<CopiedTable> longOnes = new HashSet<>();
  private final List<Point> points = new ArrayList<>();
  private final Seen seen = new Seen();
  private double copiedSize = FIRST_SIZE;
  private double copySeconds = FIRST_SECONDS;
  private double allowedFrom;
  private int alone;
  private int active;
  private int together;
  private double timeAlone;
  double end;

  CopyRun(GeneratedCopy copy, double limitBefore, double limitAfter, double limitChanges) {
    this.copy = copy;
    this.limitBefore = limitBefore;
    this.limitAfter = limitAfter;
    this.limitChanges = limitChanges;
    copy.tables.forEach(table -> (table.small ? small : waiting).add(table));
  }

  /** Copies everything, with an estimate after each of some equal parts of the work. */
  List<Point> run(int stepsPerPoint) {
    assign(0);
    int count = 0;
    while (!waits.isEmpty() || !copies.isEmpty()) {
      Step step = next();
      if (end < step.notBefore()) {
        waits.add(step.until(step.notBefore()));
        continue;
      }
      take(step);
      assign(end);
      count++;
      if (stepsPerPoint > 0 && count % stepsPerPoint == 0) {
        points.add(point(end));
      }
    }
    return points;
  }

  private Step next() {
    double slowdown = Math.pow(Math.max(1, active), copy.shared);
    Step wait = waits.peek();
    Step next = copies.peek();
    double copied = next == null ? 0 : end + Math.max(0, next.at() - timeAlone) * slowdown;
    boolean waited = next == null || (wait != null && wait.at() <= copied);
    double now = waited ? Math.max(end, waits.element().at()) : copied;
    timeAlone += (now - end) / slowdown;
    end = now;
    clock.advance(Duration.ofNanos(Math.round(end * NANOS) - clock.nanos()));
    return waited ? waits.remove() : copies.remove();
  }

  private double limit(double at) {
    return at < limitChanges ? limitBefore : limitAfter;
  }

  // ---- who is next ----

  private void assign(double now) {
    while (alone + together < copy.workers) {
      CopiedTable table = alone < copy.workers - 1 ? largest() : small.isEmpty() ? forLast() : null;
      if (table != null) {
        begin(table, now);
      } else if (!small.isEmpty()) {
        List<CopiedTable> some = small.subList(0, Math.min(TABLES_PER_WORKER, small.size()));
        beginTogether(List.copyOf(some), now);
        some.clear();
      } else {
        return;
      }
    }
  }

  private @Nullable CopiedTable largest() {
    return waiting.isEmpty() ? null : waiting.get(0);
  }

  private @Nullable CopiedTable forLast() {
    if (waiting.isEmpty()) {
      return null;
    }
    CopiedTable last = waiting.get(waiting.size() - 1);
    if (copy.workers == 1) {
      return last;
    }
    if (longOnes.size() < copy.workers - 1) {
      return largest();
    }
    return waiting.stream()
        .filter(table -> isCopiedWithin(SHORT_SECONDS, table))
        .findFirst()
        .orElse(isCopiedWithin(LONGEST_WAIT_SECONDS, last) ? last : null);
  }

  private boolean isCopiedWithin(double seconds, CopiedTable table) {
    return table.sizeWhileWaiting < copiedSize / copySeconds * seconds;
  }

  private void begin(CopiedTable table, double now) {
    waiting.remove(table);
    if (!isCopiedWithin(SHORT_SECONDS, table)) {
      longOnes.add(table);
    }
    alone++;
    table.begin(copy.random);
    double first = now + copy.secondsPerTable * (0.5 + copy.random.nextDouble());
    waits.add(new Step(first, now, List.of(table), 0, 0));
  }

  private void beginTogether(List<CopiedTable> tables, double now) {
    together++;
    tables.forEach(table -> table.begin(copy.random));
    double seconds =
        tables.size() * copy.secondsPerSmallTable * (0.8 + 0.4 * copy.random.nextDouble());
    waits.add(new Step(now + seconds, now, tables, 0, 0));
  }

  // ---- what a worker does ----

  private void take(Step step) {
    double seconds = end - step.since();
    long nanos = Math.round(seconds * NANOS);
    CopiedTable table = step.tables().get(0);
    if (table.small) {
      step.tables().forEach(CopyRun::complete);
      costs.smallTables(step.tables().size(), nanos);
      together--;
      seen.smallTables = true;
      return;
    }
    if (step.rows() == 0) {
      costs.tableBegun(nanos);
      table.meter = costs.newMeter();
      table.meter.begin();
      active++;
    } else {
      take(table, step.rows(), seconds);
    }
    if (table.rowsLeft() < 1) {
      end(table);
    } else {
      next(table, end);
    }
  }

  private void take(CopiedTable table, double rows, double seconds) {
    double bytes = table.bytesOf(table.copied + rows) - table.bytesOf(table.copied);
    table.copied += rows;
    long limit = Math.round(limit(end));
    Spent spent =
        Objects.requireNonNull(table.meter)
            .copied(Math.max(1, Math.round(rows)), Math.max(1, Math.round(bytes)), limit);
    table.own = table.own.plus(spent);
    seen.copied(limit, rows, bytes, active, seconds);
  }

  private void next(CopiedTable table, double now) {
    double rows = Math.min(table.batch, table.rowsLeft());
    double bytes = table.bytesOf(table.copied + rows) - table.bytesOf(table.copied);
    double seconds =
        (rows * copy.secondsPerRow + bytes * copy.secondsPerByte)
            * Numbers.factor(NOISE, copy.random);
    double limit = limit(now);
    if (limit > 0) {
      allowedFrom = Math.max(allowedFrom, now - 0.1) + bytes / limit;
    }
    double notBefore = limit > 0 ? allowedFrom : 0;
    copies.add(new Step(timeAlone + seconds, now, List.of(table), rows, notBefore));
  }

  private void end(CopiedTable table) {
    complete(table);
    longOnes.remove(table);
    Objects.requireNonNull(table.meter).end();
    active--;
    alone--;
    copiedSize += table.size;
    copySeconds += table.own.seconds();
  }

  private static void complete(CopiedTable table) {
    table.stage = Stage.DONE;
    table.copied = table.rows();
  }

  // ---- estimates ----

  private Point point(double now) {
    long limit = Math.round(limit(now));
    List<TableLoad> loads = copy.tables.stream().map(CopiedTable::load).toList();
    CopyEstimate estimate =
        CopyEstimate.of(
            loads, costs, new CopyEstimate.Means(copy.workers, TABLES_PER_WORKER, limit));
    return new Point(now, estimate.seconds(), isKnown(now));
  }

  private boolean isKnown(double now) {
    boolean future = copy.kind.changesLimit() && now < limitChanges + seen.settling(copy.kind);
    double limit = limit(now);
    return !future
        && !areFilteredOnesWaiting()
        && areOthersAlike()
        && (limit > 0
            ? rest(copy.model(copy.shared, 1)) < bytesLeft() / limit / 2
            : isCostKnown() && areWorkersKnown() && isEveryKindSeen());
  }

  /** Of a table that has hardly begun its size is known, not what is sent for it. */
  private boolean areOthersAlike() {
    double size = 0;
    double sent = 0;
    double assumed = 0;
    double actual = 0;
    for (CopiedTable table : copy.tables) {
      double part = table.bytesOf(table.copied) / table.bytes();
      if (table.small || table.filtered) {
        continue;
      }
      if (part > BEGUN) {
        size += table.size * part;
        sent += table.bytes() * part;
      } else {
        assumed += table.sizeWhileWaiting;
        actual += table.bytes();
      }
    }
    double wrong = Math.abs(assumed * sent / Math.max(1, size) - actual);
    return wrong < WITHIN * bytesLeft();
  }

  /** How many rows a filter lets through shows once a copy has begun. */
  private boolean areFilteredOnesWaiting() {
    double waitingBytes =
        waiting.stream()
            .filter(table -> table.filtered)
            .mapToDouble(table -> table.sizeWhileWaiting)
            .sum();
    return waitingBytes > 0.1 * bytesLeft();
  }

  private double bytesLeft() {
    return copy.tables.stream().mapToDouble(CopiedTable::bytesLeft).sum();
  }

  /** Whether a row costs by itself or by its bytes shows once rows of other widths were copied. */
  private boolean isCostKnown() {
    double rows =
        copy.tables.stream().filter(table -> !table.small).mapToDouble(CopiedTable::rowsLeft).sum();
    double bytes = bytesLeft();
    double byRows = rows / seen.rows;
    double byBytes = bytes / seen.bytes;
    return Math.abs(Math.log(byRows / byBytes)) < Math.log(1.2) || seen.widths.deviation() > 0.4;
  }

  /** How workers hold each other up shows once another number of them was at work. */
  private boolean areWorkersKnown() {
    double now = Math.max(1, active);
    double none = rest(copy.model(0, Math.pow(now, copy.shared)));
    double full = rest(copy.model(1, Math.pow(now, copy.shared - 1)));
    return Math.abs(Math.log(none / full)) < Math.log(1.2) || seen.workers.deviation() > 0.15;
  }

  private double rest(CopyModel model) {
    List<Expected> left =
        copy.tables.stream()
            .filter(table -> table.stage != Stage.DONE)
            .map(CopyRun::expected)
            .toList();
    return Schedule.seconds(
        model, new CopyEstimate.Means(copy.workers, TABLES_PER_WORKER, 0), left);
  }

  private static Expected expected(CopiedTable table) {
    TableLoad load = table.load();
    TableLoad fresh =
        new TableLoad(
            load.stage(),
            load.together(),
            TableExtent.NOTHING_KNOWN,
            load.rows(),
            load.bytes(),
            Spent.NOTHING);
    return new Expected(fresh, table.rows(), table.bytes());
  }

  private boolean isEveryKindSeen() {
    boolean smallLeft =
        copy.tables.stream().anyMatch(table -> table.small && table.stage != Stage.DONE);
    return (seen.smallTables || !smallLeft) && (seen.rows > 0 || waiting.isEmpty());
  }

  /** What a copy has shown. */
  private static final class Seen {
    private final Spread widths = new Spread();
    private final Spread workers = new Spread();
    private boolean smallTables;
    private double rows;
    private double bytes;
    private long limit = -1;

    private void copied(long limitNow, double more, double moreBytes, int active, double seconds) {
      if (limit != limitNow) {
        limit = limitNow;
        widths.clear();
        workers.clear();
        rows = 0;
        bytes = 0;
      }
      widths.add(Math.log(moreBytes / more), seconds);
      workers.add(Math.log(active), seconds);
      rows += more;
      bytes += moreBytes;
    }

    /** For so long nothing is said, or little is known, of a pace that no limit sets. */
    private double settling(Kind kind) {
      return kind == Kind.LIMIT_LIFTED ? 30 : 0;
    }
  }

  /** A weighted standard deviation. */
  private static final class Spread {
    private double weights;
    private double sum;
    private double squares;

    private void add(double value, double weight) {
      weights += weight;
      sum += value * weight;
      squares += value * value * weight;
    }

    private void clear() {
      weights = 0;
      sum = 0;
      squares = 0;
    }

    private double deviation() {
      double mean = weights == 0 ? 0 : sum / weights;
      return weights == 0 ? 0 : Math.sqrt(Math.max(0, squares / weights - mean * mean));
    }
  }
}
