package dev.pgetl.internal.sim;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.sim.server.Cluster;
import dev.pgetl.internal.sim.server.Encounters;
import dev.pgetl.internal.sim.server.ScriptedCopier;
import dev.pgetl.internal.sim.server.ScriptedSource;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.quarantine.RefusalPolicy;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a history takes place in: one cluster, one destination, stores, engines; and what is seen.
 */
final class World implements Encounters {
  /** What the server says of the size of tables: most are small, and one is not known. */
  private static final List<Long> SIZES =
      List.of(0L, 8_192L, 8_192L, 65_536L, 1L << 20, -1L, 1L << 26, 1L << 40);

  static final String PIPELINE = "shop";
  static final String APPLY_SLOT = "pgetl_apply_" + PIPELINE;

  private final Scheduler scheduler;
  private final Cluster cluster;
  private final SimStore.Layer layer;
  private final SimDestination.Holdings holdings;
  private final long configSeed;
  private final boolean accepting;
  private long sentBefore;
  private final Set<KnownFault> known = EnumSet.noneOf(KnownFault.class);
  private final List<String> objections = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final long longestBreakNanos;
  private boolean slotsInterfered;
  private int copiesContinued;
  private int promotions;

  /** Whether a promoted server lacks what was sent, and the pipeline is not at work on it yet. */
  private boolean lacking;

  private @Nullable Lsn setBackFrom;

  /** The furthest end of its WAL that the server has named. */
  private Lsn named = Lsn.ZERO;

  /** What is in quarantine; null if the pipeline has none. */
  SimQuarantine.@Nullable Kept quarantined;

  World(Scheduler scheduler, SplittableRandom random) {
    this.scheduler = scheduler;
    this.cluster = new Cluster(scheduler, this, random.nextInt(4) == 0 ? 14 : 18);
    this.layer = new SimStore.Layer(scheduler);
    this.holdings = new SimDestination.Holdings(scheduler, this::object, this::lateCall);
    this.accepting = random.nextInt(3) == 0;
    this.configSeed = random.nextLong();
    chooseReplacing(new SplittableRandom(configSeed + 1));
    this.longestBreakNanos =
        random.nextInt(2) == 0 ? Duration.ofMillis(1 + random.nextInt(1_000)).toNanos() : 0;
  }

  private void chooseReplacing(SplittableRandom random) {
    List<SimDestination.Replacing> all = List.of(SimDestination.Replacing.values());
    holdings.replacing = all.get(random.nextInt(all.size()));
    holdings.continuing = random.nextInt(4) > 0;
    holdings.whole = random.nextBoolean();
  }

  private PipelineConfig config(InvalidatedSlotBehavior lost) {
    SplittableRandom random = new SplittableRandom(configSeed);
    PgConnectionConfig connection =
        PgConnectionConfig.builder("localhost", "db", "user")
            .lockTimeout(Duration.ofSeconds(1 + random.nextInt(10)))
            .build();
    BatchConfig batch =
        BatchConfig.builder()
            .maxSize(1 + random.nextInt(20))
            .maxFill(Duration.ofMillis(random.nextInt(200)))
            .build();
    return PipelineConfig.builder(PIPELINE, Script.PUBLICATION, connection)
        .batch(batch)
        .tableErrorRetryDelay(Duration.ofMillis(200 + random.nextInt(1_500)))
        .tableErrorRetryMaxAttempts(3 + random.nextInt(5))
        .maxTableSyncWorkers(1 + random.nextInt(random.nextBoolean() ? 1 : 3))
        .maxTablesPerSyncWorker(1 + random.nextInt(4))
        .maxCopyConnectionsPerTable(1 + random.nextInt(2))
        .tableCopy(TableCopyConfig.all().readBy(readBy()))
        .publicationRefreshInterval(Duration.ofMillis(500 + random.nextInt(4_000)))
        .invalidatedSlotBehavior(lost)
        .build();
  }

  /** Now and then an operator decides against keys. */
  private ReadBy readBy() {
    return scheduler.random().nextInt(20) == 0 ? ReadBy.BLOCK : ReadBy.AUTO;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Cluster cluster() {
    return cluster;
  }

  SimStore.Layer layer() {
    return layer;
  }

  SimDestination.Holdings holdings() {
    return holdings;
  }

  Set<KnownFault> known() {
    return known;
  }

  List<String> objections() {
    return objections;
  }

  boolean slotsInterfered() {
    return slotsInterfered;
  }

  void slotInterfered() {
    slotsInterfered = true;
  }

  /** Something that must not happen. */
  void object(String what) {
    say("OBJECTION " + what);
    objections.add(what);
  }

  void say(String what) {
    log.add(scheduler.instant() + " " + what);
  }

  List<String> log() {
    return log;
  }

  /** Starts an engine in a process, over a store. */
  RunningEngine start(SimProcess process, SimStore.Layer over, InvalidatedSlotBehavior lost) {
    forgetRead(cluster.end());
    sentBefore = cluster.sent();
    Platform platform = scheduler.platform(process);
    PipelineConfig config = config(lost);
    ScriptedSource source =
        new ScriptedSource(cluster, config.pgConnection(), platform, APPLY_SLOT);
    process.whenDead(source::close);
    source.sizes(oid -> SIZES.get((int) (oid % SIZES.size())));
    EngineWatch watch = new EngineWatch(source, over, config.tableCopy().readBy());
    SimDestination destination = new SimDestination(holdings, accepting, watch::copying);
    QuarantiningDestination guarded = guarded(destination);
    PipelineEngine engine =
        new PipelineEngine(
            new PipelineContext(
                config,
                new SimStore(over, process, watch),
                guarded == null ? destination : guarded,
                new Listener(process),
                source,
                () -> new ScriptedCopier(source, false, longestBreakNanos),
                platform));
    RunningEngine running = new RunningEngine(engine, process, guarded);
    watch.engine = running;
    destination.pausedBy(running::isQuiet, running::isPaused);
    running.start(scheduler);
    return running;
  }

  private @Nullable QuarantiningDestination guarded(SimDestination destination) {
    if (quarantined == null) {
      return null;
    }
    SimQuarantine quarantine = new SimQuarantine(quarantined, layer.calls, this::say);
    return QuarantiningDestination.builder(destination, quarantine)
        .otherTables(RefusalPolicy.QUARANTINE)
        .build();
  }

  /** Sees when an engine acts that should not any more, or not yet. */
  private final class EngineWatch implements SimStore.Watch {
    private final ScriptedSource source;
    private final SimStore.Layer store;
    private final ReadBy readBy;
    private @Nullable RunningEngine engine;

    private EngineWatch(ScriptedSource source, SimStore.Layer store, ReadBy readBy) {
      this.source = source;
      this.store = store;
      this.readBy = readBy;
    }

    @Override
    public void written(String what) {
      if (engine != null && engine.closed()) {
        object("a pipeline that was closed writes " + what);
      }
    }

    /** The operator empties in the destination what the pipeline does not know any more. */
    @Override
    public void forgotten(TableId id) {
      holdings.table(id).dismiss();
    }

    /** While a table is copied that happens only if its copy starts over. */
    @Override
    public void forgetting(TableId id, CopyRanges ranges) {
      if (store.saved.phase(id) instanceof DataSync
          && ranges.isBegun()
          && !mayStartOver(id, ranges)) {
        object("the copy of table " + id + " starts over although it could be continued");
      }
    }

    private boolean mayStartOver(TableId id, CopyRanges ranges) {
      return slotsInterfered
          || store.doubtful.contains(id)
          || readBy == ReadBy.BLOCK
          || (!holdings.removing && !ranges.begun().isEmpty())
          || (!holdings.continuing && ranges.origin().replaces())
          || !source.shapeNow(Script.PUBLICATION, id).equals(ranges.origin().shape());
    }

    private void copying() {
      if (source.mainSlotIsHeldByAnother()) {
        object("a process copies while another one holds the main slot");
      }
    }
  }

  private void lateCall() {
    meet(KnownFault.LATE_CALL, "a closed engine's call takes effect");
  }

  private void meet(KnownFault fault, String how) {
    if (known.add(fault)) {
      say("meets " + fault + ": " + how);
    }
  }

  @Override
  public void setBack(long end, long sent) {
    Lsn known = Lsn.max(new Lsn(sent), remembered());
    if (known.isAfter(new Lsn(end))) {
      say("set back from " + known + " to " + new Lsn(end));
      setBackFrom = known;
      if (sent == sentBefore) {
        forgetRead(new Lsn(end));
      }
    }
  }

  @Override
  public void promoted(long end, long sent) {
    say("a standby that ends at " + new Lsn(end) + " is promoted");
    promotions++;
    lacking = (lacking && !isFollowed()) || sent >= end || remembered().isAfter(new Lsn(end));
  }

  /** {@return whether the pipeline is at work on the timeline before this promotion} */
  private boolean isFollowed() {
    ReplicationProgress progress = layer.saved.progress.get(APPLY_SLOT);
    return progress == null || progress.lineage().timeline() == cluster.history().timeline();
  }

  /**
   * {@return whether a promoted server may lack what the destination was given, or none can know}
   */
  boolean mayHaveDiverged() {
    return lacking || (promotions > 0 && !holdings.answering);
  }

  /** {@return how many standbys were promoted} */
  int promotions() {
    return promotions;
  }

  private Lsn remembered() {
    Lsn furthest = Lsn.ZERO;
    for (ReplicationProgress progress : layer.saved.progress.values()) {
      furthest = Lsn.max(furthest, progress.flushedLsn());
    }
    return ranges().map(CopyRanges::newest).reduce(furthest, Lsn::max);
  }

  private Stream<CopyRanges> ranges() {
    return layer.saved.ranges.values().stream()
        .map(text -> CopyRangesText.read(text).orElseThrow());
  }

  /** {@return whether the store knows of a copy that can be continued} */
  boolean hasBegunRanges() {
    return ranges().anyMatch(CopyRanges::isBegun);
  }

  @Override
  public void identified(Lsn end) {
    named = Lsn.max(named, end);
    Lsn known = setBackFrom;
    if (known != null && !end.isBefore(known)) {
      meet(KnownFault.SET_BACK_UNSEEN, "the server has grown past " + known);
    }
  }

  /**
   * A server that was set back, without that anything was lost that had been read, writes on up to
   * where it was when it was asked: a copy may wait for that position.
   */
  void writeOn() {
    long missing = named.value() - cluster.end().value();
    if (setBackFrom == null && missing > 0) {
      cluster.noise((int) missing);
    }
  }

  /** A pipeline has said that the history behind its slot is lost. */
  void lossTold() {
    setBackFrom = null;
  }

  /** A new process knows only what the store knows. */
  private void forgetRead(Lsn end) {
    if (setBackFrom == null) {
      return;
    }
    setBackFrom = remembered();
    if (!setBackFrom.isAfter(end)) {
      meet(KnownFault.SET_BACK_UNSEEN, "the process that had read on is gone");
    }
  }

  @Override
  public void readBehindSlot(String slot) {
    object("a stream is read behind slot " + slot);
  }

  @Override
  public void ordinalsMoved(long commitLsn) {
    meet(KnownFault.ORDINALS_MOVED, "the transaction at " + new Lsn(commitLsn));
  }

  @Override
  public void left(TableId id, Lsn end) {
    holdings.table(id).left(end);
  }

  /**
   * A process with a store of its own has run beside, or instead of, the pipeline's. Its store
   * knows no slot, so as the owner it drops the one that is there before it creates another.
   */
  void secondEnds(SimStore.Layer own, boolean hadSlot) {
    boolean dropped = hadSlot && !cluster.slotNames().contains(APPLY_SLOT);
    if (dropped || !own.saved.phases.isEmpty()) {
      slotsInterfered = true;
    }
  }

  @Override
  public void foreignAct(String what) {
    object("a process does what only the owner may: " + what);
  }

  @Override
  public void copyContinues(TableId id) {
    copiesContinued++;
    say("the copy of table " + id + " continues");
  }

  /** {@return how many connections have continued a copy} */
  int copiesContinued() {
    return copiesContinued;
  }

  private final class Listener implements PipelineListener {
    private final SimProcess process;

    private Listener(SimProcess process) {
      this.process = process;
    }

    @Override
    public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
      say(process + " table " + id + " " + phase);
    }

    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      say(process + " retries in " + delay.toMillis() + " ms: " + failure.getMessage());
    }
  }
}
