package dev.pgetl.it.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.it.limits.ManyTablesProcess.Refreshes;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What 10,000 tables and 5,000 partitions cost a pipeline that has them all: its start, its
 * reconnects, its refreshes. {@code -Dmany.before=FOLDER}, a checkout that has been compiled,
 * compares the reconnects with those of an older build.
 */
class ManyTablesRuns {
  private static final int TABLES = Integer.getInteger("many.tables", 10_000);
  private static final int PARTITIONS = Integer.getInteger("many.partitions", 5_000);
  private static final int CUTS = Integer.getInteger("many.cuts", 11);
  private static final int REFRESHES = Integer.getInteger("many.refreshes", 4);
  private static final Duration INTERVAL =
      Duration.ofSeconds(Integer.getInteger("many.interval", 30));
  private static final String BEFORE = System.getProperty("many.before", "");
  private static final String PUBLICATION = System.getProperty("many.publication", "all tables");
  private static final int STATEMENTS_PER_TRANSACTION = 500;

  @TempDir private Path directory;
  private final TestDatabase source = TestPostgres.shared().createDatabase();
  private final TestDatabase state = TestPostgres.shared().createDatabase();
  private final Map<String, String> stores = new LinkedHashMap<>();
  private final List<ManyTablesProcess> started = new ArrayList<>();

  @AfterEach
  void close() {
    started.forEach(ManyTablesProcess::close);
    source.close();
    state.close();
  }

  @Test
  void startsReconnectsAndRefreshes() throws IOException, InterruptedException {
    create();
    stores.put("file", directory.resolve("file").toString());
    stores.put("postgres", ManyTablesProcess.url(state));
    if (!BEFORE.isEmpty()) {
      stores.put("before", directory.resolve("before").toString());
    }
    fill();
    for (String id : stores.keySet()) {
      timedStart(id, "first start").end();
      ManyTablesProcess second = timedStart(id, "start");
      if (!id.equals("before")) {
        refresh(id, second);
      }
      second.end();
    }
    reconnect();
  }

  private void create() {
    source.execute(
        """
        create table root(id int primary key, v text) partition by range (id);
        create table t0(id int primary key, v text);
        create publication pub for table t0;
        """);
    inPieces(TABLES, "execute format('create table t%s (id int primary key, v text)', i);");
    inPieces(
        PARTITIONS,
        "execute format('create table p%1$s partition of root for values from (%1$s) to (%1$s + 1)', i);");
    source.execute("analyze");
  }

  private void inPieces(int count, String statement) {
    for (int first = 1; first <= count; first += STATEMENTS_PER_TRANSACTION) {
      int last = Math.min(first + STATEMENTS_PER_TRANSACTION - 1, count);
      source.execute(
          "do $$ begin for i in %d .. %d loop %s end loop; end $$"
              .formatted(first, last, statement));
    }
  }

  /** Lets the pipelines know all tables as {@code Ready}, and their descriptions. */
  private void fill() throws IOException, InterruptedException {
    List<String> ids =
        source
            .query(
                "select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
            .stream()
            .map(row -> row.get(0))
            .toList();
    for (String id : stores.keySet()) {
      ManyTablesProcess first = start(id);
      first.await("started");
      for (String table : ids) {
        first.send(table);
      }
      first.end();
    }
    source.execute("drop publication pub; create publication pub for " + PUBLICATION);
    List<ManyTablesProcess> all = new ArrayList<>();
    for (String id : stores.keySet()) {
      ManyTablesProcess second = start(id);
      second.await("started");
      all.add(second);
    }
    inPieces(TABLES, "execute format('insert into t%1$s values (%1$s)', i);");
    inPieces(PARTITIONS, "execute format('insert into root values (%1$s)', i);");
    String last = insert();
    for (ManyTablesProcess each : all) {
      each.await("delivered " + last);
      each.end();
    }
  }

  /** {@return the transaction} */
  private String insert() {
    return source.value(
        "with added as (insert into t0 select coalesce(max(id), 0) + 1 from t0)"
            + " select pg_current_xact_id()");
  }

  private ManyTablesProcess start(String id) throws IOException {
    ManyTablesProcess process =
        ManyTablesProcess.start(
            id,
            source,
            stores.getOrDefault(id, ""),
            id.equals("before") ? BEFORE : "",
            INTERVAL,
            directory.resolve(id + ".log"));
    started.add(process);
    return process;
  }

  private ManyTablesProcess timedStart(String id, String what) throws IOException {
    String row = insert();
    long begin = System.nanoTime();
    ManyTablesProcess process = start(id);
    String inStart = process.await("started");
    process.await("delivered " + row);
    double seconds = secondsSince(begin);
    System.out.printf(
        "%s, %s: %.1f s to the first event, with the start of the JVM; %s%n",
        id, what, seconds, inStart);
    if (what.equals("start") && !id.equals("before")) {
      assertThat(seconds).as(id).isLessThan(10);
    }
    return process;
  }

  private void refresh(String id, ManyTablesProcess process) throws IOException {
    Refreshes before = process.refreshes();
    await()
        .atMost(INTERVAL.multipliedBy(REFRESHES + 2L).plusMinutes(1))
        .until(() -> process.refreshes().count() >= before.count() + REFRESHES);
    Refreshes cost = process.refreshes().since(before);
    double client = cost.clientNanos() / 1e6 / cost.count();
    double server = cost.serverNanos() / 1e6 / cost.count();
    System.out.printf(
        "%s, refresh: %.0f ms of CPU on the client, %.0f ms on the server (of %d)%n",
        id, client, server, cost.count());
    assertThat(client + server).isLessThan(0.02 * 30_000);
  }

  private void reconnect() throws IOException, InterruptedException {
    Map<String, ManyTablesProcess> running = new LinkedHashMap<>();
    Map<String, List<Double>> millis = new LinkedHashMap<>();
    for (String id : stores.keySet()) {
      ManyTablesProcess process = start(id);
      process.await("started");
      process.await("delivered " + insert());
      running.put(id, process);
    }
    for (int i = 0; i < CUTS; i++) {
      for (Map.Entry<String, ManyTablesProcess> each : running.entrySet()) {
        long begin = System.nanoTime();
        assertThat(source.killWalSender("pgetl_apply_" + each.getKey())).isTrue();
        each.getValue().await("delivered " + insert());
        millis
            .computeIfAbsent(each.getKey(), id -> new ArrayList<>())
            .add(secondsSince(begin) * 1e3);
      }
    }
    millis.forEach(
        (id, times) ->
            System.out.printf("%s, reconnect: median %.0f ms of %s%n", id, median(times), times));
    if (!BEFORE.isEmpty()) {
      assertThat(
              median(millis.getOrDefault("file", List.of()))
                  / median(millis.getOrDefault("before", List.of())))
          .isLessThan(1.2);
    }
    for (ManyTablesProcess process : running.values()) {
      process.end();
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private static double secondsSince(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
