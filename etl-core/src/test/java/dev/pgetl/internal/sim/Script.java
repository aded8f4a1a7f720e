package dev.pgetl.internal.sim;

import dev.pgetl.internal.sim.server.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * The steps of a history: at least 30 transactions over at least three tables, and at least three
 * faults.
 */
final class Script {
  static final String PUBLICATION = "pub";
  private static final int MOST_KEYS = 12;
  private static final List<Step.SlotAct> SLOT_ACTS = List.of(Step.SlotAct.values());
  private static final List<Fault> FAULTS =
      List.copyOf(EnumSet.complementOf(EnumSet.of(Fault.NONE)));

  /** Sessions whose transactions stay open have keys of their own, so that none waits for a row. */
  private static final int KEYS_OF_A_SESSION = 1_000;

  private final SplittableRandom random;
  private final int tables;
  private final List<Step> steps = new ArrayList<>();
  private final TreeSet<Integer> published = new TreeSet<>();
  private final TreeSet<Integer> open = new TreeSet<>();

  /** The tables of the beginning have smaller numbers. */
  private int names = 10;

  private boolean volumeKept;

  Script(SplittableRandom random) {
    this.random = random;
    this.tables = 3 + random.nextInt(2);
    for (int table = 0; table < tables; table++) {
      published.add(table);
    }
    for (int i = 0; i < 10; i++) {
      transaction();
    }
  }

  /** {@return how many tables there are} */
  int tables() {
    return tables;
  }

  /** {@return the steps before the pipeline is started} */
  List<Step> before() {
    return List.copyOf(steps);
  }

  /** {@return the steps while it runs} */
  List<Step> during() {
    steps.clear();
    int transactions = 25 + random.nextInt(30);
    int faults = 3 + random.nextInt(6);
    for (int i = 0; i < transactions; i++) {
      transaction();
      if (random.nextInt(3) == 0) {
        steps.add(new Step.Wait(random.nextInt(random.nextInt(5) == 0 ? 5_000 : 300)));
      }
      if (random.nextInt(8) == 0) {
        steps.add(new Step.Noise(random.nextInt(random.nextInt(4) == 0 ? 2_000_000 : 2_000)));
      }
      if (random.nextInt(transactions) < faults) {
        fault();
      }
    }
    while (faults > steps.stream().filter(each -> !(each instanceof Step.Sql)).count()) {
      fault();
    }
    endOpen();
    return List.copyOf(steps);
  }

  private void endOpen() {
    open.forEach(session -> steps.add(new Step.Sql(session, List.of(), Step.End.COMMIT)));
    open.clear();
  }

  private void transaction() {
    int kind = random.nextInt(20);
    if (kind < 3) {
      longTransaction();
    } else if (kind == 3) {
      alter();
    } else {
      Step.End end = random.nextInt(12) == 0 ? Step.End.ROLLBACK : Step.End.COMMIT;
      steps.add(new Step.Sql(0, changes(0), end));
    }
  }

  private void longTransaction() {
    int session = 1 + random.nextInt(2);
    boolean ends = open.contains(session) && random.nextBoolean();
    Step.End end = random.nextInt(5) == 0 ? Step.End.ROLLBACK : Step.End.COMMIT;
    if (ends) {
      open.remove(session);
    } else {
      open.add(session);
    }
    steps.add(new Step.Sql(session, changes(session), ends ? end : Step.End.OPEN));
  }

  private List<Statement> changes(int session) {
    List<Statement> changes = new ArrayList<>();
    int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 40 : 4);
    for (int i = 0; i < count; i++) {
      changes.add(change(session));
    }
    return changes;
  }

  private Statement change(int session) {
    int table = random.nextInt(tables);
    int key = session * KEYS_OF_A_SESSION + random.nextInt(MOST_KEYS);
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> new Statement.Insert(table, key, value());
      case 4, 5, 6 -> new Statement.Update(table, key, random.nextInt(8), value());
      case 7 ->
          new Statement.MoveKey(
              table, key, session * KEYS_OF_A_SESSION + random.nextInt(MOST_KEYS));
      default -> new Statement.Delete(table, key);
    };
  }

  private String value() {
    names++;
    return random.nextInt(10) == 0 ? "a\tb\\" + names : "v" + names;
  }

  private void alter() {
    int table = random.nextInt(tables);
    List<Statement> all = new ArrayList<>(changes(0));
    all.add(alteration(table));
    all.addAll(changes(0));
    steps.add(new Step.Sql(0, all, Step.End.COMMIT));
  }

  private Statement alteration(int table) {
    names++;
    return switch (random.nextInt(12)) {
      case 0, 1 -> new Statement.AddColumn(table, "c" + names);
      case 2 -> new Statement.DropColumn(table);
      case 3 -> new Statement.RenameColumn(table, "c" + names);
      case 4 -> new Statement.RenameTable(table, "t" + names);
      case 5, 6 -> new Statement.Touch(table);
      case 7 -> new Statement.Recreate(table);
      case 8, 9 -> publish(table);
      default -> new Statement.Truncate(table);
    };
  }

  private Statement publish(int table) {
    boolean add = !published.remove(table);
    if (add) {
      published.add(table);
    }
    return new Statement.Publish(table, PUBLICATION, add);
  }

  private void fault() {
    int millis = random.nextInt(random.nextInt(3) == 0 ? 40_000 : 2_000);
    Step fault =
        switch (random.nextInt(32)) {
          case 0, 1, 2, 3 -> new Step.StoreFault(kind(), 1 + random.nextInt(3), random.nextInt(6));
          case 4, 5, 6, 7, 8 ->
              new Step.DestinationFault(kind(), 1 + random.nextInt(3), random.nextInt(6));
          case 9 -> new Step.Refuse(random.nextInt(tables));
          case 10, 11, 12 -> new Step.Cut(1 + random.nextInt(3));
          case 13 -> new Step.Unreachable(millis);
          case 14 -> new Step.Restart(random.nextInt(3_000), random.nextInt(5_000));
          case 15 -> new Step.Crash(random.nextInt(5_000));
          case 16, 17, 18 -> new Step.Kill(random.nextInt(3_000));
          case 19 -> new Step.Reopen();
          case 20 -> new Step.Slot(slotAct(), random.nextInt(4), random.nextInt(3) > 0);
          case 21 -> new Step.Second(random.nextInt(5) == 0, millis);
          case 22 -> volume();
          case 23, 24, 25, 26, 27, 28 -> interruption();
          default -> resync();
        };
    steps.add(fault);
    if (random.nextInt(3) == 0) { // some come together
      if (random.nextBoolean()) {
        transaction();
      }
      fault();
    }
  }

  /** Something goes wrong while a table is copied; open transactions would hold up the copy. */
  private Step interruption() {
    endOpen();
    steps.add(new Step.Resync(random.nextInt(tables)));
    steps.add(new Step.AwaitRanges());
    if (random.nextBoolean()) {
      transaction();
    }
    while (random.nextInt(3) == 0) {
      steps.add(aMoment());
      steps.add(interrupting());
      transaction();
    }
    steps.add(aMoment());
    return interrupting();
  }

  private Step aMoment() {
    return new Step.Wait(random.nextInt(random.nextInt(3) > 0 ? 50 : 1_500));
  }

  private Step interrupting() {
    return switch (random.nextInt(8)) {
      case 0, 1 -> new Step.Kill(random.nextInt(1_000));
      case 2 -> new Step.Cut(1);
      case 3 -> new Step.Reopen();
      case 4, 5 -> new Step.StoreFault(kind(), 1, random.nextInt(6));
      default -> new Step.DestinationFault(kind(), 1, random.nextInt(6));
    };
  }

  /** Most tables are copied again because something is wrong already. */
  private Step resync() {
    if (random.nextBoolean()) {
      steps.add(new Step.StoreFault(kind(), 1 + random.nextInt(2), random.nextInt(2)));
    }
    return new Step.Resync(random.nextInt(tables));
  }

  private Step volume() {
    if (volumeKept && random.nextInt(3) == 0) {
      return new Step.SetBack();
    }
    volumeKept = true;
    return random.nextBoolean() ? new Step.KeepVolume() : new Step.Checkpoint();
  }

  private Step.SlotAct slotAct() {
    return SLOT_ACTS.get(random.nextInt(SLOT_ACTS.size()));
  }

  private Fault kind() {
    return FAULTS.get(random.nextInt(FAULTS.size()));
  }
}
