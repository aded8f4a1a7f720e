package dev.pgetl.internal.sim;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.sim.server.Cluster;
import dev.pgetl.internal.sim.server.Encounters;
import dev.pgetl.internal.sim.server.ScriptedSource;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.internal.sim.server.StatementSql;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * The SQL of a script, executed on a scripted cluster while slots are created and read: what a real
 * server has to do, and what has to come of it.
 */
public final class ScriptedReplay {
  /** For longer than this the scripted network does not pause. */
  private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

  /** The publication all slots are read with. */
  public static final String PUBLICATION = Script.PUBLICATION;

  private static final int MOST_SLOTS = 4;

  /** What someone does to the server, in this order. */
  public sealed interface Act {
    /**
     * Executes SQL in a session's transaction, which begins if there is none.
     *
     * @param done whether it succeeds; if not, it waits for a lock in vain, and the transaction is
     *     rolled back
     */
    record Execute(int session, String sql, boolean done) implements Act {}

    /** Ends a session's transaction. */
    record End(int session, boolean commit) implements Act {}

    /** Begins to create a slot. */
    record CreateSlot(String slot) implements Act {}

    /** The slots of {@link CreateSlot} that are ready now; the others wait for transactions. */
    record SlotsReady(List<String> slots) implements Act {
      public SlotsReady {
        slots = List.copyOf(slots);
      }
    }

    /**
     * Reads everything from a slot in a session of its own, and then confirms some of it.
     *
     * @param messages of pgoutput
     * @param confirmed how many transactions with messages between Begin and Commit are confirmed
     */
    record Read(String slot, List<byte[]> messages, int confirmed) implements Act {
      public Read {
        messages = List.copyOf(messages);
      }
    }
  }

  private final Scheduler scheduler;
  private final SplittableRandom random;
  private final SplittableRandom reading;
  private final Script script;
  private final Cluster cluster;
  private final SimProcess process;
  private final ScriptedSource source;
  private final List<Act> acts = new ArrayList<>();
  private final TreeSet<String> ready = new TreeSet<>();
  private int slots;

  private ScriptedReplay(long seed, int version) {
    this.scheduler = new Scheduler(seed);
    this.random = new SplittableRandom(seed);
    SplittableRandom unused = random.split();
    this.reading = unused.split();
    this.script = new Script(random.split());
    this.cluster = new Cluster(scheduler, new Unwatched(), version);
    this.process = scheduler.newProcess("reader");
    PgConnectionConfig config =
        PgConnectionConfig.builder("localhost", "db", "user")
            .lockTimeout(Duration.ofHours(1))
            .build();
    this.source = new ScriptedSource(cluster, config, scheduler.platform(process), "none");
  }

  /**
   * {@return what is to be done, and what comes of it, for the script of a seed}
   *
   * @param version the major version of Postgres
   */
  public static List<Act> of(long seed, int version) throws InterruptedException {
    ScriptedReplay replay = new ScriptedReplay(seed, version);
    replay.scheduler.run(replay::direct);
    return List.copyOf(replay.acts);
  }

  private void direct() {
    createTables();
    script.before().forEach(this::step);
    script.during().forEach(this::step);
    createSlot();
    List.copyOf(ready).forEach(this::read);
  }

  private void createTables() {
    cluster.createPublication(PUBLICATION);
    acts.add(new Act.Execute(0, StatementSql.createPublication(PUBLICATION), true));
    for (int table = 0; table < script.tables(); table++) {
      ReplicaIdentity identity =
          random.nextInt(3) == 0 ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT;
      cluster.createTable(table, "t" + table, identity, PUBLICATION);
      acts.add(new Act.Execute(0, StatementSql.createTable(cluster, table), true));
    }
    acts.add(new Act.End(0, true));
  }

  private void step(Step step) {
    if (step instanceof Step.Sql sql) {
      sql(sql);
      if (slots < MOST_SLOTS && reading.nextInt(8) == 0) {
        createSlot();
      }
      if (!ready.isEmpty() && reading.nextInt(8) == 0) {
        read(List.copyOf(ready).get(reading.nextInt(ready.size())));
      }
    }
  }

  private void sql(Step.Sql sql) {
    for (Statement statement : sql.statements()) {
      String text = StatementSql.of(cluster, statement);
      boolean done = cluster.execute(sql.session(), List.of(statement));
      acts.add(new Act.Execute(sql.session(), text, done));
      if (!done) {
        settle();
        return;
      }
    }
    if (sql.end() == Step.End.OPEN) {
      return;
    }
    boolean commit = sql.end() == Step.End.COMMIT;
    if (commit) {
      cluster.commit(sql.session());
    } else {
      cluster.rollback(sql.session());
    }
    acts.add(new Act.End(sql.session(), commit));
    settle();
  }

  private void createSlot() {
    String name = "s" + slots;
    slots++;
    acts.add(new Act.CreateSlot(name));
    Thread creator =
        scheduler.thread(
            process,
            () -> {
              Lsn unused = source.createSlot(name);
              ready.add(name);
            });
    creator.start();
    settle();
  }

  /** Lets slots become ready that do not wait for a transaction any more. */
  private void settle() {
    scheduler.pause(Duration.ofSeconds(1).toNanos());
    acts.add(new Act.SlotsReady(List.copyOf(ready)));
  }

  private void read(String slot) {
    List<byte[]> messages = new ArrayList<>();
    ReplicationConnection connection = source.openReplication("apply");
    WalStream stream = connection.stream(slot, PUBLICATION, Lsn.ZERO, ValueFormat.TEXT);
    for (WalStream.Input input = stream.poll(QUIET_NANOS);
        input != WalStream.Input.NOTHING;
        input = stream.poll(QUIET_NANOS)) {
      if (input == WalStream.Input.DATA) {
        int from = stream.offset();
        messages.add(Arrays.copyOfRange(stream.bytes(), from, from + stream.length()));
      }
    }
    List<Lsn> ends = ends(messages);
    int confirmed = reading.nextBoolean() ? reading.nextInt(ends.size() + 1) : 0;
    if (confirmed > 0) {
      stream.confirm(ends.get(confirmed - 1));
      stream.flushStatus();
    }
    stream.close();
    acts.add(new Act.Read(slot, messages, confirmed));
  }

  /** {@return the ends of the transactions that are not empty} */
  private static List<Lsn> ends(List<byte[]> messages) {
    List<Lsn> ends = new ArrayList<>();
    boolean empty = true;
    for (byte[] message : messages) {
      switch (message[0]) {
        case 'B' -> empty = true;
        case 'C' -> {
          if (!empty) {
            ends.add(new Lsn(ByteBuffer.wrap(message).getLong(10)));
          }
        }
        default -> empty = false;
      }
    }
    return ends;
  }

  /** There is no engine whose faults could be met. */
  private static final class Unwatched implements Encounters {
    @Override
    public void setBack(long end, long sent) {}

    @Override
    public void promoted(long end, long sent) {}

    @Override
    public void identified(Lsn end) {}

    @Override
    public void readBehindSlot(String slot) {}

    @Override
    public void ordinalsMoved(long commitLsn) {}

    @Override
    public void left(TableId id, Lsn end) {}

    @Override
    public void foreignAct(String what) {}

    @Override
    public void copyContinues(TableId id) {}
  }
}
