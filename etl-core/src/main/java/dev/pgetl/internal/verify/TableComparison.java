package dev.pgetl.internal.verify;

import dev.pgetl.internal.verify.GroupComparison.Listed;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.verify.KeyHash;
import dev.pgetl.verify.RowPart;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.VerificationProgress;
import dev.pgetl.verify.VerifiedTable;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Compares a table. Parts are hashed first, both sides as they are: if a part is equal, the
 * destination has what the source had at that moment. The rows of other parts are listed by key,
 * and keys that differ are read again and again until they are decided: see {@link Judge}. Runs
 * once, on one thread.
 */
public final class TableComparison {
  /** A query for keys is a text that has all of them. */
  private static final int KEYS_AT_ONCE = 2_000;

  /** How often the destination is read again because a copy has begun meanwhile. */
  private static final int ATTEMPTS = 3;

  private final TableSchema table;
  private final SourceTable source;
  private final VerifiedTable target;
  private final Applied applied;
  private final Limits limits;
  private final Pace pace;
  private final Consumer<VerificationProgress> progress;
  private final OpenKeys open = new OpenKeys();
  private final List<Listed> pending = new ArrayList<>();
  private long equal;
  private long read;

  /**
   * Creates it.
   *
   * @param table the version of the table that both sides have
   * @param applied how far the destination is
   * @param progress is called after each part, on the thread that compares
   */
  public TableComparison(
      TableSchema table,
      SourceTable source,
      VerifiedTable target,
      Applied applied,
      Limits limits,
      Pace pace,
      Consumer<VerificationProgress> progress) {
    this.table = table;
    this.source = source;
    this.target = target;
    this.applied = applied;
    this.limits = limits;
    this.pace = pace;
    this.progress = progress;
  }

  /**
   * Compares.
   *
   * @param parts which are the whole table
   * @throws InterruptedException if the thread was interrupted, or the comparison was closed
   */
  public TableReport run(List<RowPart> parts) throws InterruptedException {
    Lsn from = source.position();
    int done = 0;
    for (RowPart part : parts) {
      if (isFull()) {
        break;
      }
      hash(part);
      if (pending.stream().mapToLong(Listed::rows).sum() >= limits.listedRows()) {
        list();
      }
      done++;
      report(done, parts.size());
    }
    list();
    boolean follows = true;
    for (int round = 1; round <= limits.rounds() && follows && open.size() > 0; round++) {
      follows = again(round);
      report(done, parts.size());
    }
    return new TableReport(
        table,
        from,
        source.position(),
        equal,
        open.settled(),
        open.differences(),
        open.undecided(),
        done == parts.size() && pending.isEmpty());
  }

  private boolean isFull() {
    return open.size() + open.differences().size() >= limits.mostRows();
  }

  private void report(int done, int parts) {
    progress.accept(
        new VerificationProgress(
            table.name(), done, parts, read, open.size(), open.differences().size()));
  }

  private void hash(RowPart part) throws InterruptedException {
    GroupComparison found = GroupComparison.of(part, source.hash(part), target.hash(part));
    took(found.rows());
    if (found.isTooLarge(limits.listedRows())) {
      hash(found.split());
    } else {
      equal += found.equal();
      pending.addAll(found.listed(limits.listedRows()));
    }
  }

  private void took(long rows) throws InterruptedException {
    read += rows;
    pace.took(rows);
  }

  /** Lists the rows of parts that differ: of several at once, because the stream is waited for. */
  private void list() throws InterruptedException {
    while (!pending.isEmpty() && !isFull()) {
      List<Listed> some = next();
      List<List<KeyHash>> sources = new ArrayList<>();
      for (Listed each : some) {
        sources.add(source.keys(each.part()));
      }
      Read<List<List<KeyHash>>> targets =
          read(() -> some.stream().map(each -> target.keys(each.part())).toList());
      for (int i = 0; i < some.size(); i++) {
        equal +=
            open.first(
                some.get(i).part(), sources.get(i), targets.rows().get(i), targets.applied());
        took(some.get(i).rows());
      }
    }
  }

  private List<Listed> next() {
    List<Listed> some = new ArrayList<>();
    long rows = 0;
    while (!pending.isEmpty() && (some.isEmpty() || rows < limits.listedRows())) {
      Listed each = pending.remove(0);
      some.add(each);
      rows += each.rows();
    }
    return some;
  }

  /** {@return false if the stream is not applied, so that another round would show nothing} */
  private boolean again(int round) throws InterruptedException {
    pace.between(round);
    List<List<String>> keys = open.keys();
    long next = source.nextTransaction();
    boolean quiet = pace.until(() -> source.oldestTransaction() >= next, limits.patience(round));
    boolean follows = true;
    for (int i = 0; i < keys.size() && follows; i += KEYS_AT_ONCE) {
      List<List<String>> some = keys.subList(i, Math.min(keys.size(), i + KEYS_AT_ONCE));
      List<KeyHash> sources = source.keys(some);
      Read<List<KeyHash>> targets = read(() -> target.keys(some));
      equal += open.again(some, sources, targets.rows(), quiet, targets.applied());
      took(some.size());
      follows = targets.applied();
    }
    return follows;
  }

  /**
   * What was read of the destination.
   *
   * @param applied whether everything was applied before that the source had shown, and the table
   *     was not being copied
   */
  private record Read<T>(T rows, boolean applied) {}

  private <T> Read<T> read(Supplier<T> rows) throws InterruptedException {
    Lsn position = source.position();
    boolean applies = applied.await(position, limits.patience());
    Read<T> read;
    int attempts = 0;
    do {
      read = readBetweenCopies(rows, applies);
      attempts++;
    } while (applies && !read.applied() && attempts < ATTEMPTS);
    return read;
  }

  private <T> Read<T> readBetweenCopies(Supplier<T> rows, boolean applies)
      throws InterruptedException {
    boolean free = pace.until(() -> !source.isCopied(), limits.patience());
    String before = target.generation();
    T found = rows.get();
    boolean stayed = !source.isCopied() && target.generation().equals(before);
    return new Read<>(found, applies && free && stayed);
  }
}
