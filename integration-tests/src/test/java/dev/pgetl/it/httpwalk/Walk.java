package dev.pgetl.it.httpwalk;

import dev.pgetl.Pipeline;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** One walk, from its seed. Owned by the test's thread. */
final class Walk implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MOST_FIXES = 20;

  private final SplittableRandom random;
  private final Settings settings;
  private final Path folder;
  private final Source source;
  private final Receiver receiver;
  private final Ears ears = Ears.open();
  private final List<String> log = new ArrayList<>();
  private final Map<TableId, Integer> asked = new HashMap<>();
  private int instances;
  private Instance instance;

  /** The folder is empty, and for the state and the dead letters. */
  Walk(long seed, Path folder) throws SQLException, IOException {
    this.folder = folder;
    random = new SplittableRandom(seed);
    settings = Settings.of(seed);
    source = new Source(TestPostgres.shared().createDatabase());
    Letters letters = new Letters(settings, folder.resolve("letters.jsonl"));
    receiver = new Receiver(random.nextLong(), settings, source, letters);
    for (WalkedTable table : source.tables()) {
      source.execute(table.insert(random, 1 + random.nextInt(8)));
    }
    instance = start();
  }

  private Instance start() {
    asked.clear(); // a process that ends takes them along
    return new Instance(++instances, settings, receiver.url(), folder, source.database(), ears);
  }

  /** Takes the steps; both sides are compared now and then, and at the end. */
  void run(int steps) throws SQLException, InterruptedException {
    for (int i = 1; i <= steps; i++) {
      step();
      look();
    }
    settle();
  }

  private void note(String step) {
    log.add(step);
    ears.note(step);
  }

  private void step() throws SQLException, InterruptedException {
    WalkedTable table = source.tables().get(random.nextInt(source.tables().size()));
    switch (random.nextInt(40)) {
      case 0 -> rename(table);
      case 1 -> change("add column", table, table.addColumn(random));
      case 2 -> change("drop column", table, table.dropColumn(random));
      case 3 -> {
        change("rename column", table, table.renameColumn(random));
        resync(table);
      }
      case 4 -> change("truncate", table, "truncate " + table.name());
      case 5 -> {
        String all = String.join(", ", source.tables().stream().map(WalkedTable::name).toList());
        change("truncate all", table, "truncate " + all);
      }
      case 6, 7 -> resync(table);
      case 8, 9 -> restart();
      case 10, 11 -> kill();
      case 12, 13 -> settle();
      case 14, 15, 16 -> changeMood();
      case 17, 18, 19 -> change("insert poison", table, table.poison(random));
      case 20, 21, 22 -> change("transaction", table, transaction());
      case 23 -> change("insert many", table, table.insert(random, 60));
      default -> changeRows(table);
    }
  }

  private void changeRows(WalkedTable table) throws SQLException {
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> change("insert", table, table.insert(random, 1 + random.nextInt(4)));
      case 3, 4, 5 -> change("update", table, table.update(random));
      case 6 -> change("move a key", table, table.moveKey(random));
      default -> change("delete", table, table.delete(random));
    }
  }

  private void change(String what, WalkedTable table, String sql) throws SQLException {
    note(what + " of " + table.name());
    source.execute(sql);
  }

  private void rename(WalkedTable table) throws SQLException {
    String sql = table.rename();
    change("rename", table, sql);
  }

  private String transaction() {
    List<String> parts = new ArrayList<>(List.of("begin"));
    int count = 2 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      WalkedTable table = source.tables().get(random.nextInt(source.tables().size()));
      parts.add(
          switch (random.nextInt(5)) {
            case 0 -> table.delete(random);
            case 1 ->
                "savepoint s; "
                    + table.insert(random, 2)
                    + "; rollback to s; "
                    + table.update(random);
            case 2 -> random.nextInt(4) == 0 ? table.poison(random) : table.update(random);
            default -> table.insert(random, 2);
          });
    }
    parts.add("commit");
    return String.join("; ", parts);
  }

  private void changeMood() {
    boolean takesPoison = random.nextInt(4) == 0;
    note("limits change, poison is " + (takesPoison ? "taken" : "refused"));
    receiver.changeLimits();
    receiver.takePoison(takesPoison);
  }

  private void resync(WalkedTable table) throws InterruptedException {
    note("resync " + table.name());
    TableId id = new TableId(table.oid());
    asked.put(id, ears.beginnings(id));
    instance.pipeline().resync(id);
  }

  /** The destination may be in a call for the table: until that ends, it is shown as failed. */
  private boolean isAboutToBegin(TableId table) {
    return asked.getOrDefault(table, -1) == ears.beginnings(table);
  }

  private void restart() {
    note("restart");
    instance.stop();
    instance = start();
  }

  private void kill() {
    note("kill and start");
    receiver.kill(instances);
    instance.kill();
    instance = start();
  }

  /** Waits for rest, does what reports ask for, and compares. */
  private void settle() throws SQLException, InterruptedException {
    note("settle");
    receiver.calm(true);
    try {
      for (int fixes = 0; !isApplied(); fixes++) {
        look();
        if (fixes > MOST_FIXES) {
          throw new Violation("does not come to rest: " + instance.pipeline().status());
        }
        fix();
      }
      look();
      for (WalkedTable table : source.tables()) {
        compare(table);
      }
    } catch (EtlException e) {
      ears.hear("failure", e);
      throw e;
    } finally {
      receiver.calm(false);
    }
  }

  private boolean isApplied() throws InterruptedException {
    Pipeline pipeline = instance.pipeline();
    boolean ready = pipeline.awaitReady(PATIENCE);
    return ready && pipeline.awaitApplied(source.database().currentLsn(), PATIENCE);
  }

  private void fix() throws SQLException, InterruptedException {
    List<TableStatus> failed = new ArrayList<>(instance.pipeline().status().failedTables());
    if (failed.isEmpty()) {
      throw new Violation("neither ready nor failed: " + instance.pipeline().status());
    }
    failed.removeIf(status -> isAboutToBegin(status.id()));
    for (TableStatus status : failed) {
      WalkedTable table =
          source.tables().stream()
              .filter(each -> each.oid() == status.id().oid())
              .findFirst()
              .orElseThrow();
      if (settings.letters() || !receiver.hasRefused(table.oid())) {
        throw new Violation("a report without a reason: " + status);
      }
      if (random.nextBoolean()) {
        change("remove poison", table, table.withoutPoison());
      } else {
        note("take poison");
        receiver.takePoison(true);
      }
      resync(table);
    }
  }

  private void compare(WalkedTable table) throws SQLException {
    Map<String, Map<String, String>> expected = source.rows(table, settings.exact());
    Map<String, Map<String, String>> rows = receiver.rows(table.oid());
    List<String> differences = new ArrayList<>();
    TreeSet<String> ids = new TreeSet<>(expected.keySet());
    ids.addAll(rows.keySet());
    for (String id : ids) {
      Map<String, String> right = expected.get(id);
      Map<String, String> row = rows.get(id);
      if (right == null || row == null) {
        differences.add(id + (right == null ? " is not in the source" : " is missing"));
      } else {
        right.forEach(
            (column, value) -> {
              String received = row.getOrDefault(column, "null");
              if (!received.equals(value)) {
                differences.add(
                    id
                        + "."
                        + column
                        + ": "
                        + Violation.shortened(received)
                        + " instead of "
                        + Violation.shortened(value));
              }
            });
      }
    }
    if (!differences.isEmpty()) {
      throw new Violation(table.name() + " differs: " + String.join("\n", differences));
    }
  }

  /** Whatever the pipeline shows. */
  private void look() {
    ears.hear("status", Objects.toString(instance.pipeline().status()));
    if (!ears.leaks().isEmpty()) {
      throw new Violation("a value is shown: " + ears.leaks().get(0));
    }
    if (!receiver.violations().isEmpty()) {
      throw new Violation(receiver.violations().toString());
    }
  }

  Settings settings() {
    return settings;
  }

  List<String> log() {
    return log;
  }

  List<String> heard() {
    return ears.last();
  }

  Map<String, Integer> experience() {
    return receiver.experience();
  }

  @Override
  public void close() throws SQLException {
    instance.stop();
    ears.stop();
    receiver.close();
    source.close();
  }
}
