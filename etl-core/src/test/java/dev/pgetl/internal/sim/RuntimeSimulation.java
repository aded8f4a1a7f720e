package dev.pgetl.internal.sim;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.order.TableOrder.Act;
import dev.pgetl.internal.sim.server.Cluster;
import dev.pgetl.internal.sim.server.Cluster.StandbySlots;
import dev.pgetl.internal.sim.server.Disk;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One history: a script is directed, faults end, and the destination is compared. */
final class RuntimeSimulation {
  /**
   * How a history ended.
   *
   * @param copiesContinued how many connections have continued an interrupted copy
   * @param replaced how many copies have replaced the rows of a table
   * @param replacementsContinued how many interrupted ones of these have continued
   * @param promotions how many standbys of the source were promoted
   * @param diverged how many times the pipeline has said that it ended because of that
   */
  record Outcome(
      String end,
      Set<KnownFault> known,
      @Nullable String violation,
      List<String> log,
      int copiesContinued,
      int replaced,
      int replacementsContinued,
      int promotions,
      int diverged) {}

  private static final List<StandbySlots> SLOTS =
      List.of(
          StandbySlots.SYNCED,
          StandbySlots.SYNCED,
          StandbySlots.OLDER,
          StandbySlots.OLDER,
          StandbySlots.MISSING,
          StandbySlots.NEWER);

  private final Scheduler scheduler;
  private final SplittableRandom random;
  private final Script script;
  private final World world;
  private final Cluster cluster;
  private @Nullable RunningEngine engine;
  private @Nullable Disk volume;
  private int processes;
  private int diverged;
  private @Nullable SplittableRandom promotions;
  private @Nullable SplittableRandom orders;
  private @Nullable SplittableRandom refusals;

  private RuntimeSimulation(long seed) {
    this.scheduler = new Scheduler(seed);
    this.random = new SplittableRandom(seed);
    this.world = new World(scheduler, random.split());
    this.cluster = world.cluster();
    this.script = new Script(random.split());
  }

  /** {@return the outcome of the history of a seed} */
  static Outcome run(long seed) throws InterruptedException {
    return new RuntimeSimulation(seed).run();
  }

  private Outcome run() throws InterruptedException {
    String violation = null;
    try {
      scheduler.run(this::direct);
    } catch (AssertionError e) {
      violation = e.getMessage();
    }
    return new Outcome(
        scheduler.now() + " " + cluster.end(),
        world.known(),
        violation,
        world.log(),
        world.copiesContinued(),
        world.holdings().replaced,
        world.holdings().replacementsContinued,
        world.promotions(),
        diverged);
  }

  /** {@return the outcome of the history of a seed in which standbys of the source take over} */
  static Outcome runWithPromotions(long seed) throws InterruptedException {
    RuntimeSimulation simulation = new RuntimeSimulation(seed);
    simulation.promotions = new SplittableRandom(seed + 17);
    simulation.world.holdings().answering = seed % 4 != 0;
    return simulation.run();
  }

  /**
   * {@return the outcome of the history of a seed in which an operator gives orders} In one of four
   * standbys of the source take over, too.
   */
  static Outcome runWithOrders(long seed) throws InterruptedException {
    RuntimeSimulation simulation = new RuntimeSimulation(seed);
    simulation.orders = new SplittableRandom(seed + 29);
    if (seed % 4 == 0) {
      simulation.promotions = new SplittableRandom(seed + 17);
    }
    return simulation.run();
  }

  /** {@return the outcome of the history of a seed in which rows are refused and replayed} */
  static Outcome runWithRefusals(long seed) throws InterruptedException {
    RuntimeSimulation simulation = new RuntimeSimulation(seed);
    simulation.refusals = new SplittableRandom(seed + 41);
    simulation.world.quarantined = new SimQuarantine.Kept();
    simulation.world.holdings().refusingWhole = true;
    if (seed % 4 == 0) {
      simulation.orders = new SplittableRandom(seed + 29);
    }
    return simulation.run();
  }

  private void direct() {
    cluster.createPublication(Script.PUBLICATION);
    for (int table = 0; table < script.tables(); table++) {
      ReplicaIdentity identity =
          random.nextInt(3) == 0 ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT;
      cluster.createTable(table, "t" + table, identity, Script.PUBLICATION);
    }
    script.before().forEach(this::act);
    begin(InvalidatedSlotBehavior.ERROR);
    for (Step step : script.during()) {
      world.say(step.toString());
      act(step);
      scheduler.pause(random.nextLong(20_000_000));
      operate();
      promoteMaybe();
      orderMaybe();
      refuseMaybe();
    }
    new Oracle(world, this).judge();
  }

  private void begin(InvalidatedSlotBehavior lost) {
    processes++;
    engine = world.start(scheduler.newProcess("p" + processes), world.layer(), lost);
  }

  /** An operator starts again what has ended. */
  private void operate() {
    if (engine().hasEnded()) {
      restartEnded();
    }
  }

  /** Starts the pipeline again after it failed; with the advice it gave, if its slot is lost. */
  void restartEnded() {
    EtlException failure = engine().failure();
    world.say("ended: " + (failure == null ? "cleanly" : failure.kind() + " " + failure.summary()));
    judge(failure);
    scheduler.kill(engine().process());
    boolean branched = failure != null && failure.kind() == ErrorKind.DIVERGED;
    boolean lost = branched || (failure != null && failure.kind() == ErrorKind.SLOT_LOST);
    diverged += branched ? 1 : 0;
    if (lost) {
      world.lossTold();
    }
    begin(lost ? InvalidatedSlotBehavior.RECREATE : InvalidatedSlotBehavior.ERROR);
  }

  private void judge(@Nullable EtlException failure) {
    ErrorKind kind = failure == null ? null : failure.kind();
    boolean own =
        kind == ErrorKind.INTERNAL
            || kind == ErrorKind.SOURCE_PROTOCOL
            || kind == ErrorKind.SOURCE_DATA
            || kind == ErrorKind.CONFIGURATION;
    boolean unexplained =
        (kind == ErrorKind.SLOT_LOST && !world.slotsInterfered() && world.known().isEmpty())
            || (failure != null && isWrongly(failure));
    if (own || unexplained) {
      world.object("the pipeline ended with " + failure);
    }
  }

  /** {@return whether a failure says that the server lacks something, and it does not} */
  private boolean isWrongly(EtlException diverged) {
    boolean certain = diverged.summary().startsWith("the destination has received");
    boolean told = diverged.kind() == ErrorKind.DIVERGED;
    return told && (certain ? !world.mayHaveDiverged() : world.promotions() == 0);
  }

  RunningEngine engine() {
    return Objects.requireNonNull(engine, "engine");
  }

  private void act(Step step) {
    if (step instanceof Step.Sql sql) {
      sql(sql);
    } else if (step instanceof Step.Wait wait) {
      pause(wait.millis());
    } else if (step instanceof Step.AwaitRanges) {
      awaitRanges();
    } else if (step instanceof Step.Noise noise) {
      cluster.noise(noise.bytes());
    } else if (step instanceof Step.StoreFault fault) {
      world.layer().calls.plan(fault.fault(), fault.times(), fault.apart());
    } else if (step instanceof Step.DestinationFault fault) {
      world.holdings().calls.plan(fault.fault(), fault.times(), fault.apart());
    } else if (step instanceof Step.Refuse refuse) {
      world.holdings().refused.add(cluster.id(refuse.table()));
    } else if (step instanceof Step.Resync resync) {
      resync(cluster.id(resync.table()), cluster.someRange(cluster.id(resync.table())));
    } else if (step instanceof Step.Slot slot) {
      slot(slot);
    } else {
      process(step);
    }
  }

  /** An operator pauses, resumes, retries and resyncs, whatever else happens. */
  private void orderMaybe() {
    SplittableRandom choice = orders;
    if (choice == null || choice.nextInt(3) > 0 || !engine().isRunning()) {
      return;
    }
    int table = choice.nextInt(script.tables());
    switch (choice.nextInt(10)) {
      case 0 -> engine().pause();
      case 1, 2 -> engine().resume();
      case 3 -> order(Act.RETRY, table);
      case 4 -> resync(cluster.id(table), null);
      case 5, 6, 7 -> order(Act.PAUSE, table);
      default -> order(Act.RESUME, table);
    }
  }

  /** Now and then the destination refuses other rows, and an operator replays. */
  private void refuseMaybe() {
    SplittableRandom choice = refusals;
    if (choice == null || choice.nextInt(3) > 0) {
      return;
    }
    int salt = choice.nextInt(1_000);
    world.holdings().poison =
        salt % 4 == 0 ? null : row -> (String.valueOf(row.text(0)).hashCode() + salt) % 4 == 0;
    world.say("refuses with " + salt);
    if (salt % 3 == 0 && engine().isRunning()) {
      RunningEngine asked = engine();
      for (TableId table : asked.quarantined()) {
        world.say("replays " + table);
        Thread operator = scheduler.thread(asked.process(), () -> asked.replay(table));
        operator.setName("operator");
        operator.start();
      }
    }
  }

  /** Each order has a thread, so that some come while others are carried out. */
  private void order(Act act, int table) {
    world.say(act + " " + table);
    TableOrder order = TableOrder.of(act, cluster.id(table));
    RunningEngine asked = engine();
    Thread operator = scheduler.thread(asked.process(), () -> asked.order(order));
    operator.setName("operator");
    operator.start();
  }

  /** A standby follows, receives nothing any more, and takes over after some steps. */
  private void promoteMaybe() {
    SplittableRandom choice = promotions;
    if (choice == null || choice.nextInt(6) > 0) {
      return;
    }
    Disk standby = volume;
    if (standby == null || choice.nextInt(3) == 0) {
      volume = cluster.snapshot();
    } else {
      promote(standby);
    }
  }

  /**
   * A standby may lack no more than the last commit, which begins where its log ends. What is
   * altered is altered in the volume before the commit, so that one is not kept.
   */
  private boolean keepsStandbyBeforeCommit(int session) {
    SplittableRandom choice = promotions;
    if (choice == null || engine == null || choice.nextInt(8) > 0 || cluster.hasAltered(session)) {
      return false;
    }
    volume = cluster.snapshot();
    return true;
  }

  private void promote(Disk standby) {
    SplittableRandom choice = Objects.requireNonNull(promotions);
    volume = null;
    boolean dead = choice.nextInt(3) == 0;
    StandbySlots slots = SLOTS.get(choice.nextInt(SLOTS.size()));
    world.say("promotion with slots " + slots + (dead ? ", no process runs" : ""));
    world.slotInterfered();
    if (dead) {
      scheduler.kill(engine().process());
    }
    cluster.promote(standby, slots, nanos(choice.nextInt(2_000)));
    if (dead) {
      begin(InvalidatedSlotBehavior.ERROR);
    }
  }

  private void sql(Step.Sql sql) {
    boolean done = cluster.execute(sql.session(), sql.statements());
    if (!done || sql.end() == Step.End.ROLLBACK) {
      cluster.rollback(sql.session());
    } else if (sql.end() == Step.End.COMMIT) {
      boolean lastIsLost = keepsStandbyBeforeCommit(sql.session());
      cluster.commit(sql.session());
      if (lastIsLost) {
        pause(300);
        promote(Objects.requireNonNull(volume));
      }
    }
  }

  private void awaitRanges() {
    long until = scheduler.deadline(Duration.ofSeconds(5).toNanos());
    while (!world.hasBegunRanges() && scheduler.now() < until) {
      pause(3);
      operate();
    }
  }

  private void process(Step step) {
    if (step instanceof Step.Cut cut) {
      cluster.cut(cut.oneIn());
    } else if (step instanceof Step.Unreachable gone) {
      cluster.unreachable(nanos(gone.millis()));
    } else if (step instanceof Step.Restart restart) {
      cluster.restart(nanos(restart.stopMillis()), nanos(restart.downMillis()));
    } else if (step instanceof Step.Crash crash) {
      cluster.crash(nanos(crash.downMillis()));
    } else if (step instanceof Step.KeepVolume) {
      volume = cluster.snapshot();
    } else if (step instanceof Step.SetBack && volume != null) {
      world.slotInterfered();
      cluster.setBack(volume, nanos(1_000));
    } else if (step instanceof Step.Checkpoint) {
      cluster.checkpoint();
    } else if (step instanceof Step.Kill kill) {
      scheduler.kill(engine().process());
      pause(kill.downMillis());
      begin(InvalidatedSlotBehavior.ERROR);
    } else if (step instanceof Step.Reopen) {
      reopen();
    } else if (step instanceof Step.Second second) {
      second(second);
    }
  }

  private void slot(Step.Slot step) {
    List<String> names = cluster.slotNames();
    if (names.isEmpty()) {
      return;
    }
    String name = names.get(step.which() % names.size());
    if (step.cut()) {
      cluster.cut(1);
      scheduler.pause(random.nextLong(10_000_000));
    }
    world.slotInterfered();
    switch (step.act()) {
      case DROP -> world.say(name + " dropped: " + cluster.dropSlot(name));
      case ADVANCE -> world.say(name + " advanced: " + cluster.advanceSlot(name));
      case INVALIDATE -> cluster.invalidateSlot(name);
    }
  }

  private void reopen() {
    RunningEngine before = engine();
    before.close(scheduler);
    awaitClosed(before);
    if (before.process().alive()) {
      engine = world.start(before.process(), world.layer(), InvalidatedSlotBehavior.ERROR);
    } else {
      begin(InvalidatedSlotBehavior.ERROR);
    }
  }

  private void awaitClosed(RunningEngine closing) {
    long until = scheduler.deadline(Duration.ofMinutes(5).toNanos());
    while (!closing.closed() && closing.process().alive()) {
      if (scheduler.now() > until) {
        throw new AssertionError("close() does not return" + scheduler.stacks());
      }
      pause(100);
    }
  }

  private void second(Step.Second step) {
    processes++;
    SimProcess other = scheduler.newProcess("second" + processes);
    SimStore.Layer layer = step.ownStore() ? new SimStore.Layer(scheduler) : world.layer();
    boolean hadSlot = cluster.slotNames().contains(World.APPLY_SLOT);
    RunningEngine running = world.start(other, layer, InvalidatedSlotBehavior.ERROR);
    pause(step.millis());
    world.say("second process: " + running.state() + " " + running.failure());
    scheduler.kill(other);
    if (step.ownStore()) {
      world.secondEnds(layer, hadSlot);
    }
  }

  /** Asks for a copy of a table, as an operator does who has fixed what was wrong with it. */
  void resync(TableId table, @Nullable KeyRange range) {
    world.holdings().refused.remove(table);
    if (engine().isRunning()) {
      Thread operator = scheduler.thread(engine().process(), () -> engine().resync(table, range));
      operator.setName("operator");
      operator.start();
    }
  }

  void pause(long millis) {
    scheduler.pause(nanos(millis));
  }

  private static long nanos(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
