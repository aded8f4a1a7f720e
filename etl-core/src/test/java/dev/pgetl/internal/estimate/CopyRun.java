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

  private static final int TABLES_PER_WORKER = 64;
  private static final double SHORT_SECONDS = 10;
  private static final double LONGEST_WAIT_SECONDS = 120;

  /** What a worker does next, and when. */
  private record Step(double at, double since, List<CopiedTable> tables, double rows) {}

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
  private final Queue<Step> steps = new PriorityQueue<>(Comparator.comparingDouble(Step::at));
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
    while (!steps.isEmpty()) {
      Step step = steps.remove();
      end = step.at();
      clock.advance(Duration.ofNanos(Math.round(end * NANOS) - clock.nanos()));
      take(step);
      assign(step.at());
      count++;
      if (stepsPerPoint > 0 && count % stepsPerPoint == 0) {
        points.add(point(step.at()));
      }
    }
    return points;
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
    steps.add(new Step(first, now, List.of(table), 0));
  }

  private void beginTogether(List<CopiedTable> tables, double now) {
    together++;
    tables.forEach(table -> table.begin(copy.random));
    double seconds =
        tables.size() * copy.secondsPerSmallTable * (0.8 + 0.4 * copy.random.nextDouble());
    steps.add(new Step(now + seconds, now, tables, 0));
  }

  // ---- what a worker does ----

  private void take(Step step) {
    long nanos = Math.round((step.at() - step.since()) * NANOS);
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
      costs.begin();
      active++;
    } else {
      take(table, step, nanos);
    }
    if (table.rowsLeft() < 1) {
      end(table, step.at());
    } else {
      next(table, step.at());
    }
  }

  private void take(CopiedTable table, Step step, long nanos) {
    double bytes = table.bytesOf(table.copied + step.rows()) - table.bytesOf(table.copied);
    table.copied += step.rows();
    long limit = Math.round(limit(step.at()));
    Spent spent =
        costs.copied(
            Math.max(1, Math.round(step.rows())), Math.max(1, Math.round(bytes)), nanos, limit);
    table.own = table.own.plus(spent);
    seen.copied(limit, step.rows(), bytes, active, nanos / NANOS);
  }

  private void next(CopiedTable table, double now) {
    double rows = Math.min(table.batch, table.rowsLeft());
    double bytes = table.bytesOf(table.copied + rows) - table.bytesOf(table.copied);
    double seconds =
        (rows * copy.secondsPerRow + bytes * copy.secondsPerByte)
            * Math.pow(active, copy.shared)
            * Numbers.factor(NOISE, copy.random);
    double until = now + seconds;
    double limit = limit(now);
    if (limit > 0) {
      allowedFrom = Math.max(allowedFrom, now - 0.1) + bytes / limit;
      until = Math.max(until, allowedFrom);
    }
    steps.add(new Step(until, now, List.of(table), rows));
  }

  private void end(CopiedTable table, double now) {
    complete(table);
    longOnes.remove(table);
    costs.end();
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
        && (limit > 0
            ? rest(copy.model(copy.shared, 1)) < bytesLeft() / limit / 2
            : isCostKnown() && areWorkersKnown() && isEveryKindSeen());
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
            .map(table -> expected(table))
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
            false,
            load.size(),
            -1,
            null,
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
