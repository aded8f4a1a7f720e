package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.subject.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** All there is to measure. */
public final class Workloads {
  private static final Variant ONE_CONNECTION = Variant.PLAIN.with(Setting.CONNECTIONS, 1);

  /** Two connections a table, where a subject can; the yardstick is that of one connection. */
  private static final Variant TWO_CONNECTIONS =
      Variant.PLAIN
          .only(Subject.PGETL, Subject.PGJDBC_RAW)
          .named("-2")
          .with(Setting.CONNECTIONS, 2);

  /** Each table has a sync worker of its own. */
  private static final Variant ALONE =
      Variant.PLAIN.only(Subject.PGETL).named("-alone").with(Setting.TOGETHER, 1);

  private static final Variant ONE_BINARY = Variant.BINARY.with(Setting.CONNECTIONS, 1);

  private static final Variant TWO_BINARY =
      Variant.BINARY.named("-2-binary").with(Setting.CONNECTIONS, 2);

  private static final Variant BY_KEY =
      ONE_CONNECTION.only(Subject.PGETL).named("-by-key").with(Setting.READ_BY, "KEY");

  private static final Variant BY_BLOCK =
      ONE_CONNECTION.only(Subject.PGETL).named("-by-block").with(Setting.READ_BY, "BLOCK");

  /** Growth and parallel streams are ours, beside how the server's own work grows. */
  private static final Variant GROWTH = Variant.PLAIN.only(Subject.PGETL, Subject.PG_RECVLOGICAL);

  private static final Variant REPLICA = Variant.PLAIN.only(Subject.PGETL, Subject.SUBSCRIPTION);

  private static final Variant REPLICA_BINARY = REPLICA.named("-binary").with(Setting.BINARY, true);

  /** Large transactions would be applied while they run; there are none. */
  private static final Variant REPLICA_PARALLEL =
      REPLICA.only(Subject.SUBSCRIPTION).named("-parallel").with(Setting.STREAMING, "parallel");

  /** Slow enough that nothing else bounds the copy. */
  private static final int RESUMED_ROWS_PER_SECOND = 100_000;

  private static final int WARM_UP_SECONDS = 5;
  private static final int QUICK_WARM_UP_SECONDS = 2;

  private final double scale;
  private final int seconds;

  private Workloads(double scale, int seconds) {
    this.scale = scale;
    this.seconds = seconds;
  }

  /**
   * {@return all}
   *
   * @param scale how large they are, 1 being full size
   * @param seconds how long latencies and idleness are watched
   */
  public static List<Workload> all(double scale, int seconds) {
    Workloads sized = new Workloads(scale, seconds);
    List<Workload> all = new ArrayList<>();
    all.addAll(sized.streams());
    all.addAll(sized.largeRows());
    all.addAll(sized.copies());
    all.addAll(sized.follows());
    all.addAll(sized.growth());
    all.addAll(sized.parallel());
    all.addAll(sized.shop());
    all.addAll(sized.replicas());
    return all;
  }

  /** {@return those that say the most in the shortest time} */
  public static List<Workload> quick(double scale, int seconds) {
    Workloads sized = new Workloads(scale, seconds);
    return List.of(
        sized.stream("stream-narrow", Datasets.narrow(sized.size(2_000_000), 100), Variant.PLAIN),
        new InitialCopy(
            "copy-narrow",
            Datasets.narrow(sized.size(5_000_000), Long.MAX_VALUE / 2),
            List.of(ONE_CONNECTION)),
        new Follow("latency-1000", 1_000, QUICK_WARM_UP_SECONDS, seconds));
  }

  private List<Workload> streams() {
    long rows = size(2_000_000);
    return List.of(
        stream(
            "stream-narrow",
            Datasets.narrow(rows, 100),
            Variant.PLAIN,
            Variant.VALUES,
            Variant.BINARY,
            Variant.BINARY_VALUES,
            Variant.SMALL_HEAP,
            Variant.TLS,
            Variant.RTT_1,
            Variant.RTT_20),
        stream("stream-one-tx", Datasets.narrow(rows, rows), Variant.PLAIN, Variant.SMALL_HEAP),
        stream(
            "stream-wide",
            Datasets.wideChanges(size(900_000)),
            Variant.PLAIN,
            Variant.VALUES,
            Variant.BINARY,
            Variant.BINARY_VALUES,
            Variant.SMALL_HEAP));
  }

  /** 800 MB each, but for narrow rows with a large one among them now and then. */
  private List<Workload> largeRows() {
    List<Workload> streams = new ArrayList<>();
    for (int kilobytes : new int[] {1, 8, 64}) {
      streams.add(documents(kilobytes, Variant.PLAIN, Variant.TLS, Variant.RTT_1, Variant.RTT_20));
    }
    streams.add(documents(1 << 10, Variant.PLAIN, Variant.SMALL_HEAP));
    streams.add(documents(16 << 10, Variant.PLAIN, Variant.SMALL_HEAP));
    streams.add(stream("stream-columns-500", Datasets.columns(size(100_000), 500), Variant.PLAIN));
    streams.add(stream("stream-mixed", Datasets.mixed(size(2_000_000)), Variant.PLAIN));
    return streams;
  }

  private Workload documents(int kilobytes, Variant... variants) {
    long rows = size(Math.max(50, 800_000 / kilobytes));
    return stream(
        "stream-documents-" + kilobytes + "k", Datasets.documents(rows, kilobytes << 10), variants);
  }

  private List<Workload> copies() {
    long rows = size(5_000_000);
    return List.of(
        manyTables(500, 1_000),
        manyTables(10_000, 100),
        copy("copy-documents-1k", Datasets.documents(size(800_000), 1 << 10)),
        copy("copy-documents-8k", Datasets.documents(size(100_000), 8 << 10)),
        copy("copy-narrow", Datasets.narrow(rows, rows)),
        copy("copy-wide", Datasets.wideRows(size(500_000))),
        copy("copy-uuid", Datasets.uuids(rows)),
        new ResumedCopy("copy-resume", Datasets.narrow(rows, rows), RESUMED_ROWS_PER_SECOND));
  }

  private Workload manyTables(int tables, int rowsEach) {
    int count = (int) size(tables);
    return new InitialCopy(
        "many-tables-" + tables,
        Datasets.manyTables((long) count * rowsEach, count),
        List.of(Variant.PLAIN, Variant.SMALL_HEAP_FILES, ALONE));
  }

  private List<Workload> follows() {
    List<Workload> follows = new ArrayList<>();
    for (int pace : new int[] {100, 1_000, 5_000}) {
      follows.add(new Follow("latency-" + pace, pace, WARM_UP_SECONDS, seconds));
    }
    follows.add(new Follow("idle-" + seconds + "s", 0, WARM_UP_SECONDS, seconds));
    return follows;
  }

  private List<Workload> growth() {
    List<Workload> growth = new ArrayList<>();
    for (int tables : new int[] {1, 10, 100, 500}) {
      growth.add(
          stream("growth-tables-" + tables, Datasets.manyTables(size(1_000_000), tables), GROWTH));
    }
    for (long perTransaction : new long[] {1, 10, 1_000, 100_000, 5_000_000}) {
      long rows = Math.max(size(1_000_000), size(perTransaction));
      growth.add(
          stream("growth-tx-" + perTransaction, Datasets.narrow(rows, perTransaction), GROWTH));
    }
    for (int columns : new int[] {5, 50, 500}) {
      growth.add(
          stream(
              "growth-columns-" + columns,
              Datasets.columns(size(5_000_000) / columns, columns),
              GROWTH));
    }
    growth.add(
        stream(
            "growth-slow",
            Datasets.narrow(size(500_000), 100),
            Variant.PLAIN.only(Subject.PGETL).with(Setting.ROWS_PER_SECOND, 50_000)));
    return growth;
  }

  /** As many rows as the narrow stream has, in four tables in turn. */
  private List<Workload> parallel() {
    Dataset dataset = Datasets.manyTables(size(2_000_000), 4);
    return IntStream.of(1, 2, 4)
        .<Workload>mapToObj(
            streams -> new StreamBacklog("parallel-" + streams, dataset, streams, List.of(GROWTH)))
        .toList();
  }

  private List<Workload> shop() {
    return List.of(
        shopCopy("tpcc-copy", 10),
        shopCopy("tpcc-copy-100", 100),
        stream("tpcc-stream", ShopDataset.traded((int) size(10), size(50_000)), Variant.PLAIN));
  }

  private Workload shopCopy(String name, int warehouses) {
    return new InitialCopy(
        name, ShopDataset.loaded((int) size(warehouses)), List.of(ONE_CONNECTION));
  }

  /** To another Postgres, beside its own subscription. */
  private List<Workload> replicas() {
    long changes = size(600_000);
    long copied = size(5_000_000);
    return List.of(
        new ReplicaBacklog(
            "postgres-inserts",
            Datasets.narrow(size(2_000_000), 100),
            "",
            List.of(REPLICA, REPLICA_BINARY, REPLICA_PARALLEL)),
        new ReplicaBacklog(
            "postgres-mix",
            Datasets.wideMix(changes),
            Datasets.wideBefore(changes),
            List.of(REPLICA, REPLICA_BINARY)),
        new ReplicaBacklog(
            "postgres-single",
            Datasets.narrow(size(500_000), 1),
            "",
            List.of(REPLICA, REPLICA_BINARY)),
        new ReplicaCopy(
            "postgres-copy",
            Datasets.narrow(copied, copied),
            List.of(
                REPLICA.with(Setting.CONNECTIONS, 1),
                REPLICA_BINARY.with(Setting.CONNECTIONS, 1),
                REPLICA.only(Subject.PGETL).named("-2").with(Setting.CONNECTIONS, 2))),
        new ReplicaFollow("postgres-latency-1000", 1_000, WARM_UP_SECONDS, seconds));
  }

  private static Workload copy(String name, Dataset dataset) {
    return new InitialCopy(
        name,
        dataset,
        List.of(ONE_CONNECTION, TWO_CONNECTIONS, ONE_BINARY, TWO_BINARY, BY_KEY, BY_BLOCK));
  }

  private Workload stream(String name, Dataset dataset, Variant... variants) {
    return new StreamBacklog(name, dataset, 1, List.of(variants));
  }

  private long size(long full) {
    return Math.max(1, Math.round(full * scale));
  }
}
