package dev.pgetl.internal.runtime.rows;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Refusals;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the rows of small tables to the destination, table by table. One that the destination does
 * not answer for is left behind. Owned by the sync worker's thread, except {@link #stop} and {@link
 * #giveUp}.
 */
public final class GroupTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(GroupTransfer.class);

  /** How long calls may take that fail, one after the other, until the others are put off. */
  private static final long MOST_LOST_NANOS = Duration.ofSeconds(1).toNanos();

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables registry;
  private final AnswerTimes times;
  private final Consumer<Table> released;
  private final Map<Table, CopyDelivery> members = new LinkedHashMap<>();
  private final Map<Table, TableSchema> versions = new ConcurrentHashMap<>();
  private final Map<Table, EtlException> failures = new ConcurrentHashMap<>();
  private final Set<Table> behind = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;
  private volatile Outage outage = Outage.NONE;
  private volatile @Nullable TurnByTurn<?> turns;

  /**
   * Creates a transfer, which runs once.
   *
   * @param registry of all tables
   * @param tables whose rows there may be
   * @param owned has to succeed before each call
   * @param times how long the destination may take
   * @param released receives each table that was left behind once no call is made for it any more
   */
  public GroupTransfer(
      PipelineContext context,
      StreamResources resources,
      Tables registry,
      List<Table> tables,
      Attempts.Action owned,
      AnswerTimes times,
      Consumer<Table> released) {
    this.context = context;
    this.resources = resources;
    this.registry = registry;
    this.times = times;
    this.released = released;
    tables.forEach(table -> members.put(table, join(table, owned)));
  }

  /** A retry would hold up the others: the table is retried alone. */
  private CopyDelivery join(Table table, Attempts.Action owned) {
    return new CopyDelivery(
        context.destination(),
        table.trouble(),
        resources.backoff().none(),
        owned,
        resources.calls(),
        () -> false,
        context.platform());
  }

  private CopyDelivery delivery(Table table) {
    return Objects.requireNonNull(members.get(table), "a table that is in the group");
  }

  /** {@return what happens between two attempts of something that is done for a table} */
  public Attempts.Between between(Table table) {
    return delivery(table);
  }

  /**
   * Calls that failed temporarily since one has succeeded.
   *
   * @param nanos how long they took
   * @param last how the last one failed; null if there was none
   */
  private record Outage(long nanos, @Nullable EtlException last) {
    static final Outage NONE = new Outage(0, null);

    /**
     * {@return what concerns the next table, too; null if nothing does} A destination that fails at
     * once may have something against the one table only.
     */
    @Nullable EtlException ofAll() {
      boolean ofOne =
          last == null
              || (last.kind() == ErrorKind.DESTINATION_UNAVAILABLE && nanos < MOST_LOST_NANOS);
      return ofOne ? null : last;
    }
  }

  /** {@return why a table failed by itself; null if it did not} */
  public @Nullable EtlException failure(Table table) {
    return failures.get(table);
  }

  /** {@return whether a call for the table may still be in progress once this has run} */
  public boolean isBehind(Table table) {
    return behind.contains(table);
  }

  /**
   * Moves all rows.
   *
   * @return the tables whose rows are durable
   * @throws EtlException if no table can be moved
   */
  public List<Table> run(GroupCopy copy) throws InterruptedException {
    LOG.info("copying {} small tables together", copy.size());
    ByteBudget.Share share = resources.budget().open();
    boolean unused = share.take(copy.bytes());
    share.close();
    try {
      Map<TableId, Table> byId = new LinkedHashMap<>();
      members.keySet().forEach(table -> byId.put(table.id(), table));
      List<Table> tables = copy.tables().stream().map(byId::get).toList();
      delivery(tables.get(0)).keep(resources.pace(), copy.bytes(), () -> false);
      if (stopped) {
        return List.of();
      }
      registry.move(tables, new CopyStarted());
      Map<TableId, Long> sizes = copy.sizes();
      return complete(
          each(tables, table -> write(table, copy), table -> sizes.getOrDefault(table.id(), 0L)));
    } finally {
      copy.tables().forEach(table -> giveBack(copy.take(table)));
    }
  }

  /** What became of a table. */
  private record Outcome(Table table, boolean accepted, @Nullable EtlException failure) {
    static Outcome failed(Table table, EtlException why) {
      return new Outcome(table, false, why);
    }
  }

  /** {@return what was done for the tables that did not fail} */
  private List<Outcome> each(
      List<Table> tables, TurnByTurn.Act<Outcome> act, ToLongFunction<Table> sizes)
      throws InterruptedException {
    String role = "copy-" + tables.get(0).id() + "-and-more";
    TurnByTurn<Outcome> next =
        new TurnByTurn<>(
            resources.workers(),
            role,
            tables,
            table -> outcome(table, act),
            times,
            sizes,
            this::leave,
            this::release);
    turns = next;
    outage = Outage.NONE;
    List<Outcome> done = new ArrayList<>();
    for (Outcome outcome : next.run().values()) {
      EtlException failure = outcome.failure();
      if (failure == null) {
        done.add(outcome);
      } else {
        failures.put(outcome.table(), failure);
      }
    }
    if (!done.isEmpty()) { // otherwise the destination is away
      failures.keySet().forEach(table -> table.notes().copyLast());
    }
    return done;
  }

  /** {@return whether the others are continued without a table} */
  private boolean leave(Table table) {
    if (!times.leave()) {
      return false;
    }
    table.notes().copyLast();
    behind.add(table);
    delivery(table).stop();
    return true;
  }

  private void release(Table table) {
    times.returned();
    released.accept(table);
  }

  private Outcome outcome(Table table, TurnByTurn.Act<Outcome> act) throws InterruptedException {
    Outage before = outage;
    EtlException away = before.ofAll();
    if (away != null) {
      return Outcome.failed(table, putOff(away));
    }
    long begin = resources.calls().nanos();
    try {
      Outcome made = act.make(table);
      if (!isBehind(table)) {
        times.answered(resources.calls().nanos() - begin);
        outage = Outage.NONE;
      }
      return made;
    } catch (EtlException e) {
      if (e.kind().isTemporary() && !isBehind(table)) {
        long lost = before.nanos() + resources.calls().nanos() - begin;
        outage = new Outage(lost, e);
      }
      return Outcome.failed(table, e);
    } catch (InterruptedException e) {
      return Outcome.failed(table, interrupted(table, e));
    }
  }

  private static EtlException putOff(EtlException reason) {
    return new EtlException(
        reason.kind(), "the copy was put off after another one had failed", reason);
  }

  /** The destination interrupted the thread that called it; what becomes of that is the table's. */
  private EtlException interrupted(Table table, InterruptedException e)
      throws InterruptedException {
    if (stopped || isBehind(table)) {
      throw e;
    }
    return new EtlException(ErrorKind.INTERNAL, "the copy was interrupted by an extension", e);
  }

  // ---- what is done for each table ----

  private Outcome write(Table table, GroupCopy copy) throws InterruptedException {
    GroupCopy.Rows rows = copy.take(table.id());
    try {
      return write(table, Objects.requireNonNull(rows, "rows"), copy.consistentPoint());
    } finally {
      giveBack(rows);
    }
  }

  private void giveBack(GroupCopy.@Nullable Rows rows) {
    resources.budget().giveBack(rows == null ? 0 : rows.bytes());
  }

  private Outcome write(Table table, GroupCopy.Rows rows, Lsn consistentPoint)
      throws InterruptedException {
    TableSchema schema = rows.schema();
    versions.put(table, schema);
    CopyDelivery delivery = delivery(table);
    CopyTarget target = new CopyTarget(context, table, delivery);
    if (stopped) {
      throw new InterruptedException("stopped before table " + table.name() + " was begun");
    }
    boolean unused = target.begin(schema);
    target.forgetOtherHistory(consistentPoint);
    context.store().storeTableSchema(schema);
    table.notes().copyBegins(schema, rows.rows().size());
    boolean accepted = false;
    int size = batchSize(rows);
    int from = 0;
    do {
      int to = Math.min(rows.rows().size(), from + size);
      accepted |= delivery.write(schema, rows.rows().subList(from, to)) == WriteResult.ACCEPTED;
      table.notes().answered(schema);
      table.copied(
          to - from,
          rows.rows().isEmpty() ? 0 : rows.wireBytes() * (to - from) / rows.rows().size());
      from = to;
    } while (from < rows.rows().size());
    return new Outcome(table, accepted, null);
  }

  private int batchSize(GroupCopy.Rows rows) {
    BatchConfig batch = context.config().batch();
    long share = rows.rows().size() * batch.maxBytes() / Math.max(1, rows.bytes());
    return (int) Math.max(1, Math.min(batch.maxSize(), share));
  }

  private List<Table> complete(List<Outcome> written) throws InterruptedException {
    List<Outcome> durable = stopped ? List.of() : durable(written);
    if (durable.isEmpty() || stopped) {
      return List.of();
    }
    List<Table> tables = durable.stream().map(Outcome::table).toList();
    return each(tables, this::complete, table -> 0).stream().map(Outcome::table).toList();
  }

  private Outcome complete(Table table) throws InterruptedException {
    delivery(table).copied(Objects.requireNonNull(versions.get(table), "what was written"));
    return new Outcome(table, false, null);
  }

  /** {@return what is durable} A failure that names a table is that table's. */
  private List<Outcome> durable(List<Outcome> written) throws InterruptedException {
    List<Outcome> left = new ArrayList<>(written);
    while (left.stream().anyMatch(Outcome::accepted)) {
      Table any = left.get(0).table();
      try {
        delivery(any).flush();
        return left;
      } catch (InterruptedException e) {
        throw interrupted(any, e);
      } catch (EtlException e) {
        List<Outcome> blamed = left.stream().filter(each -> names(e, each.table())).toList();
        if (blamed.isEmpty() && !Refusals.storeOfAnother(any, e)) {
          throw e;
        }
        blamed.forEach(each -> failures.put(each.table(), e));
        left.removeAll(blamed);
      }
    }
    return left;
  }

  private static boolean names(EtlException failure, Table table) {
    return failure.tableOid().orElse(0) == table.id().oid();
  }

  // ---- the end, from any thread ----

  /** No further call begins. */
  public void stop() {
    stopped = true;
    members.values().forEach(CopyDelivery::stop);
  }

  /** Interrupts the call that is in progress. */
  public void giveUp() {
    TurnByTurn<?> working = turns;
    if (working != null) {
      working.giveUp();
    }
  }
}
