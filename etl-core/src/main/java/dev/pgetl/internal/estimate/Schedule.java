package dev.pgetl.internal.estimate;

import dev.pgetl.internal.estimate.Expectations.Expected;
import java.util.ArrayList;
import java.util.List;

/**
 * How long some workers need for some tables, if they take them in the order in which a pipeline
 * does: the largest first, with one worker kept for short ones. Used once, by one thread.
 */
final class Schedule {
  /** The same limits as those of the queue of tables. */
  private static final double SHORT_SECONDS = 10;

  private static final double LONGEST_WAIT_SECONDS = 120;

  /** By so much a table may take more or less time than others without being unlike them. */
  private static final double CHANCE_SECONDS = 2;

  private static final double DONE = 1e-9;

  private enum Kind {
    SHORT,
    LONG,
    TOGETHER
  }

  /** What a worker does: it waits for the server, then it copies beside others. */
  private static final class Task {
    private final Kind kind;
    private double waits;
    private double copies;

    private Task(Kind kind, double waits, double copies) {
      this.kind = kind;
      this.waits = waits;
      this.copies = copies;
    }

    private boolean isCopying() {
      return waits <= DONE;
    }

    private double next(double slowdown) {
      return isCopying() ? copies * slowdown : waits;
    }

    private void pass(double seconds, double slowdown) {
      if (isCopying()) {
        copies -= seconds / slowdown;
      } else {
        waits -= seconds;
      }
    }

    private boolean isDone() {
      return isCopying() && copies <= DONE;
    }
  }

  private final CopyModel model;
  private final int workers;
  private final List<Task> active = new ArrayList<>();
  private final double[] waiting;
  private final double smallShare;
  private int smallest;
  private int largest;
  private double small;

  private Schedule(CopyModel model, CopyEstimate.Means means, double[] waiting, int small) {
    this.model = model;
    this.workers = means.workers();
    this.waiting = waiting;
    this.largest = waiting.length - 1;
    this.small = small * model.perSmallTable();
    this.smallShare = means.tablesPerWorker() * model.perSmallTable();
  }

  /** {@return how long it takes until some tables are copied} */
  static double seconds(CopyModel model, CopyEstimate.Means means, List<Expected> tables) {
    List<Expected> alone = tables.stream().filter(table -> !table.load().together()).toList();
    double[] waiting =
        alone.stream()
            .filter(table -> table.load().isWaiting())
            .mapToDouble(table -> seconds(model, table))
            .sorted()
            .toArray();
    Schedule schedule = new Schedule(model, means, waiting, tables.size() - alone.size());
    for (Expected table : alone) {
      if (!table.load().isWaiting()) {
        boolean unused = schedule.begin(0, seconds(model, table));
      }
    }
    return schedule.seconds();
  }

  /** A table that has taken longer than it should have is expected to do so in future. */
  private static double seconds(CopyModel model, Expected table) {
    Spent own = table.load().own();
    double seconds =
        model.seconds(table.rowsLeft(), table.bytesLeft())
            * (own.seconds() + CHANCE_SECONDS)
            / (model.expected(own) + CHANCE_SECONDS);
    return Double.isFinite(seconds) ? seconds : 0;
  }

  private boolean begin(double waits, double seconds) {
    return active.add(new Task(seconds < SHORT_SECONDS ? Kind.SHORT : Kind.LONG, waits, seconds));
  }

  private double seconds() {
    double now = 0;
    fill();
    while (!active.isEmpty()) {
      double slowdown = model.slowdown(Math.max(1, copying()));
      double next = Double.MAX_VALUE;
      for (Task task : active) {
        next = Math.min(next, task.next(slowdown));
      }
      now += next;
      for (Task task : active) {
        task.pass(next, slowdown);
      }
      boolean unused = active.removeIf(Task::isDone);
      fill();
    }
    return now;
  }

  private int copying() {
    int copying = 0;
    for (Task task : active) {
      copying += task.isCopying() ? 1 : 0;
    }
    return copying;
  }

  private void fill() {
    boolean begun = true;
    while (begun && active.size() < workers) {
      begun = beginNext();
    }
  }

  /** {@return whether there is something for one more worker} */
  private boolean beginNext() {
    boolean waits = smallest <= largest;
    if (waits && active.size() - count(Kind.TOGETHER) < workers - 1) {
      return begin(model.perTable(), waiting[largest--]);
    }
    if (small > DONE) {
      double share = Math.min(small, smallShare);
      small -= share;
      return active.add(new Task(Kind.TOGETHER, share, 0));
    }
    boolean last = workers == 1 || count(Kind.LONG) >= workers - 1;
    if (!waits || (last && workers > 1 && waiting[smallest] >= LONGEST_WAIT_SECONDS)) {
      return false;
    }
    return begin(model.perTable(), last ? waiting[smallest++] : waiting[largest--]);
  }

  private int count(Kind kind) {
    int count = 0;
    for (Task task : active) {
      count += task.kind == kind ? 1 : 0;
    }
    return count;
  }
}
