package dev.pgetl.testkit.crash;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.crash.Fault.Mishap;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of all faults: a new server, a new database, a new pipeline; at the end everything is
 * compared. Owned by the test's thread.
 */
final class CrashRound implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CrashRound.class);
  private static final Duration FAILPOINT_LIMIT = Duration.ofSeconds(10);
  private static final int KILLS_PER_ADDED_TABLE = 9;

  private final Class<? extends CrashSubject> subject;
  private final Map<String, String> properties;
  private final Path directory;
  private final Random random;
  private final CrashSource servers;
  private final TcpProxy proxy;
  private final TestDatabase source;
  private final CrashWriter writer;
  private int serverCrashes;
  private int cuts;

  CrashRound(
      Class<? extends CrashSubject> subject,
      Map<String, String> properties,
      Path directory,
      Random random,
      CrashSource servers) {
    this.subject = subject;
    this.properties = properties;
    this.directory = directory;
    this.random = random;
    this.servers = servers;
    source = servers.database();
    proxy = TcpProxy.to(servers.read().server().host(), servers.read().server().port());
    writer = new CrashWriter(source, new Random(random.nextLong()));
  }

  CrashReport run(int limit, long seed, long begin) throws InterruptedException {
    List<Fault> faults = Fault.round(random);
    faults = faults.subList(0, Math.min(limit, faults.size()));
    requireFreshTarget();
    writer.start();
    int halted = 0;
    for (int i = 0; i < faults.size(); i++) {
      if (i % KILLS_PER_ADDED_TABLE == KILLS_PER_ADDED_TABLE - 1) {
        writer.addTable("added_" + i);
      }
      Fault fault = faults.get(i);
      boolean reached = kill(fault);
      halted += reached ? 1 : 0;
      LOG.info(
          "killed at {}{}", fault, reached || fault.failpoint() == null ? "" : ", not reached");
    }
    writer.stop();
    start(new Fault(null, 0, Mishap.NOTHING)).finish(source.currentLsn());
    DeliveryLog log = DeliveryLog.read(directory.resolve("journal"));
    compare(log);
    return new CrashReport(
        seed,
        faults.size(),
        halted,
        serverCrashes,
        cuts,
        log.events(),
        log.repeated(),
        log.copied(),
        log.removedRanges(),
        log.replacements(),
        writer.tables().size(),
        Duration.ofNanos(System.nanoTime() - begin));
  }

  /** {@return whether it halted at its failpoint} */
  private boolean kill(Fault fault) throws InterruptedException {
    ChildProcess child = start(fault);
    if (fault.failpoint() != null) {
      child.awaitEnd(FAILPOINT_LIMIT);
    } else if (fault.mishap() == Mishap.NOTHING) {
      child.awaitEnd(Duration.ofMillis(300 + random.nextInt(2500)));
    } else {
      child.awaitStart();
      child.awaitEnd(Duration.ofMillis(random.nextInt(1000)));
      happen(fault.mishap());
      child.awaitEnd(Duration.ofMillis(500 + random.nextInt(2000)));
    }
    return child.kill();
  }

  private void happen(Mishap mishap) {
    switch (mishap) {
      case SERVER_KILLED -> {
        servers.crash();
        serverCrashes++;
      }
      case SENDERS_TERMINATED -> {
        TestDatabase read = servers.read();
        read.slots().forEach(slot -> read.killWalSender(slot.name()));
        cuts++;
      }
      case CONNECTIONS_CUT -> {
        proxy.cut();
        cuts++;
      }
      case NOTHING -> {}
    }
  }

  private ChildProcess start(Fault fault) {
    return ChildProcess.start(subject, properties, directory, url(), fault);
  }

  private String url() {
    return "jdbc:postgresql://%s:%d/%s?user=%s&password=%s&targetServerType=%s"
        .formatted(
            proxy.host(),
            proxy.port(),
            source.name(),
            source.server().username(),
            source.server().password().reveal(),
            servers.isStandby() ? "secondary" : "primary");
  }

  private void requireFreshTarget() {
    for (String table : writer.tables()) {
      if (content(table, oid(table)).filter(rows -> !rows.isEmpty()).isPresent()) {
        throw new AssertionError(
            "the destination holds rows of table %s before the round begins: each round needs a target of its own"
                .formatted(table));
      }
    }
  }

  private String oid(String table) {
    return Objects.requireNonNull(source.value("select '" + table + "'::regclass::oid::text"));
  }

  private void compare(DeliveryLog log) {
    if (!log.violations().isEmpty()) {
      throw new AssertionError(String.join("\n", log.violations()));
    }
    for (String table : writer.tables()) {
      String oid = oid(table);
      Map<String, List<@Nullable String>> expected = byKey(source.query("select * from " + table));
      requireEqual(table, expected, log.table(oid));
      content(table, oid).ifPresent(rows -> requireEqual(table, expected, byKey(rows)));
    }
  }

  private Optional<List<List<@Nullable String>>> content(String table, String oid) {
    CrashSite site = new CrashSite(directory, PgConnectionConfig.jdbcUrl(url()).build());
    try {
      TableSchema schema =
          TestTable.named(table)
              .id(Long.parseLong(oid))
              .key("id", TestTable.INT8)
              .column("n", TestTable.INT4)
              .column("t", TestTable.TEXT)
              .build();
      return subject.getDeclaredConstructor().newInstance().content(site, schema);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(subject + " needs a constructor without parameters", e);
    }
  }

  private static Map<String, List<@Nullable String>> byKey(List<List<@Nullable String>> rows) {
    Map<String, List<@Nullable String>> byKey = new TreeMap<>();
    rows.forEach(row -> byKey.put(Objects.requireNonNull(row.get(0)), row));
    return byKey;
  }

  /** Names the keys that differ, not their values: there may be thousands. */
  private static void requireEqual(
      String table,
      Map<String, List<@Nullable String>> expected,
      Map<String, List<@Nullable String>> actual) {
    if (!expected.equals(actual)) {
      List<String> different = new ArrayList<>(expected.keySet());
      different.addAll(actual.keySet());
      different.removeIf(key -> Objects.equals(expected.get(key), actual.get(key)));
      throw new AssertionError(
          "table %s: source has %d rows, destination %d; different keys, up to 20: %s"
              .formatted(
                  table,
                  expected.size(),
                  actual.size(),
                  different.stream()
                      .distinct()
                      .sorted(Comparator.naturalOrder())
                      .limit(20)
                      .toList()));
    }
  }

  @Override
  public void close() {
    writer.close();
    proxy.close();
  }
}
