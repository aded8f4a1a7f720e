package dev.pgetl.internal.sim.server;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.SlotRetention;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.TableSize;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.internal.capture.session.Ownership;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What one pipeline sees of a cluster; asks and fails as the real source does. */
public final class ScriptedSource implements Source {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final Duration OWNER_LEAVES_WITHIN = Duration.ofSeconds(65);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Cluster cluster;
  private final PgConnectionConfig config;
  private final Platform platform;
  private final String applySlot;
  private final Catalog catalog = new ScriptedCatalog(this);
  private final Set<Integer> ownPids = new TreeSet<>();
  private final List<Link> links = new ArrayList<>();
  private final List<Link> owned = new ArrayList<>();
  private final Ownership ownership;
  private LongUnaryOperator bytes = oid -> -1;
  private @Nullable Link control;
  private Continuity continuity = (slot, server) -> {};
  private boolean closed;

  public ScriptedSource(
      Cluster cluster, PgConnectionConfig config, Platform platform, String applySlot) {
    this.cluster = cluster;
    this.config = config;
    this.platform = platform;
    this.applySlot = applySlot;
    this.ownership = new Ownership(applySlot, platform);
  }

  Cluster cluster() {
    return cluster;
  }

  Disk disk() {
    return cluster.disk();
  }

  PgConnectionConfig config() {
    return config;
  }

  Platform platform() {
    return platform;
  }

  Link open(String doing, Runnable whenCut) {
    requireOpen(doing);
    Link link = Link.open(cluster, doing, whenCut);
    links.removeIf(Link::isCut);
    links.add(link);
    if (closed) {
      link.cut();
    }
    requireOpen(doing);
    if (ownership.hasBegun()) {
      join(link);
    }
    return link;
  }

  private void join(Link link) {
    boolean joined = false;
    try {
      ownership.join(
          new ScriptedLock(cluster, applySlot, link),
          () -> {
            link.travel("look for slot " + applySlot);
            continuity.require(slotNow(applySlot), Optional.of(cluster.facts()));
          });
      joined = true;
      owned.add(link);
    } finally {
      if (!joined) {
        owned.clear();
        link.cut();
      }
    }
  }

  private void requireOpen(String doing) {
    if (closed) {
      throw new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE, doing + " failed: the source was closed");
    }
  }

  /** Goes to the server and back over the connection for questions, which is opened again once. */
  void ask(String doing) {
    Link present = control;
    if (present == null || present.isCut()) {
      present = open(doing, () -> {});
      control = present;
    }
    present.travel(doing);
  }

  void opened(int pid) {
    ownPids.add(pid);
  }

  @Override
  public void check(String publicationName, String applySlotName, int slotsNeeded, boolean atOnce) {
    ask("check the source");
  }

  @Override
  public void own(String slot, Continuity proof) {
    continuity = proof;
    ask("become the owner");
    Link first = Objects.requireNonNull(control);
    ownership.begin(new ScriptedLock(cluster, applySlot, first), OWNER_LEAVES_WITHIN);
    owned.add(first);
  }

  @Override
  public void requireOwned() {
    owned.removeIf(Link::isCut);
    if (owned.isEmpty()) {
      ask("prove that the pipeline is ours");
    }
  }

  @Override
  public SourceFacts facts() {
    try (ReplicationConnection connection = openReplication("facts")) {
      return connection.facts();
    }
  }

  @Override
  public WalEnd endOfWal() {
    ask("look where the log ends");
    SourceFacts facts = cluster.facts();
    return new WalEnd(facts.timeline(), facts.currentWal());
  }

  @Override
  public void reconnect() {}

  @Override
  public OpenTransactions openTransactions(String slot) {
    ask("list open transactions");
    return cluster.openTransactions();
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName) {
    ask("read publication " + publicationName);
    return published(publicationName);
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName, Collection<TableId> ids) {
    return publishedTables(publicationName).stream()
        .filter(table -> ids.contains(table.id()))
        .toList();
  }

  private List<PublishedTable> published(String publicationName) {
    SortedMap<Long, Long> of = disk().publications.get(publicationName);
    if (of == null) {
      throw new EtlException(ErrorKind.PUBLICATION_MISSING, "there is no " + publicationName);
    }
    return of.entrySet().stream()
        .map(entry -> published(publicationName, disk().table(entry.getKey()), entry.getValue()))
        .toList();
  }

  private static PublishedTable published(String publicationName, Table table, long membership) {
    Shape shape = table.shape();
    return new PublishedTable(
        publicationName,
        shape.id(),
        shape.tableName(),
        false,
        PublishedTable.Columns.of(shape.schema(Lsn.ZERO)),
        "",
        shape.identity(),
        new RowScope(1, String.valueOf(membership), "insert update delete", "", "", Map.of()));
  }

  @Override
  public PublishedTable publishedTable(String publicationName, TableId id, TableName name) {
    ask("read publication " + publicationName);
    return publishedNow(publicationName, id);
  }

  PublishedTable publishedNow(String publicationName, TableId id) {
    return published(publicationName).stream()
        .filter(table -> table.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EtlException(
                        ErrorKind.SOURCE_CONFIGURATION,
                        "table " + id + " is not in publication " + publicationName + " any more")
                    .withTable(id.oid()));
  }

  boolean isPublished(String publicationName, TableId id) {
    return disk().publication(publicationName).containsKey(id.oid());
  }

  /** {@return the shape a copy of a table would find now; empty if it is not published} */
  public String shapeNow(String publicationName, TableId id) {
    return isPublished(publicationName, id)
        ? ScriptedCopy.shape(disk().table(id.oid()), publishedNow(publicationName, id))
        : "";
  }

  /** From now on tables have sizes: in bytes by their OIDs, negative if it cannot be seen. */
  public void sizes(LongUnaryOperator bytesOf) {
    bytes = bytesOf;
  }

  @Override
  public Map<TableId, TableSize> sizes(Collection<TableId> tables) {
    ask("read the size of tables");
    Map<TableId, TableSize> sizes = new HashMap<>();
    for (TableId table : tables) {
      long size = bytes.applyAsLong(table.oid());
      if (size >= 0) {
        sizes.put(table, new TableSize(size, -1));
      }
    }
    return sizes;
  }

  @Override
  public void checkCondition(PublishedTable table, String condition) {
    ask("check the condition on the rows of table " + table.name());
  }

  @Override
  public Catalog catalog() {
    return catalog;
  }

  @Override
  public List<SlotState> slots() {
    ask("list the replication slots");
    return cluster.slots().values().stream().map(Slot::state).toList();
  }

  @Override
  public List<SlotRetention> retention(Collection<String> names) {
    return List.of(); // it keeps everything
  }

  @Override
  public List<String> walHolders() {
    return List.of();
  }

  @Override
  public Optional<SlotState> slot(String name) {
    ask("look for slot " + name);
    return slotNow(name);
  }

  Optional<SlotState> slotNow(String name) {
    return Optional.ofNullable(cluster.slot(name)).map(Slot::state);
  }

  @Override
  public Lsn createSlot(String name) {
    Link link = open("create slot " + name, () -> {});
    try {
      long limit = config.lockTimeout().toNanos();
      Slot slot = SlotMaker.create(cluster, link, name, limit);
      Lsn consistentPoint = new Lsn(slot.confirmed());
      link.travel("create slot " + name);
      return consistentPoint;
    } finally {
      link.cut();
    }
  }

  @Override
  public void dropSlot(String name) {
    String doing = "drop slot " + name;
    releaseSlot(name);
    if (!awaitFree(name)) {
      boolean unfinished = slot(name).filter(SlotState::unfinished).isPresent();
      throw new EtlException(
          unfinished ? ErrorKind.SOURCE_BUSY : ErrorKind.SLOT_IN_USE, doing + " failed");
    }
    ask(doing);
    Slot slot = cluster.slot(name);
    if (slot != null && slot.holder() != null) {
      throw new EtlException(ErrorKind.SLOT_IN_USE, doing + " failed: it is active again");
    }
    if (slot != null && mainSlotIsHeldByAnother()) {
      cluster.encounters().foreignAct(doing);
    }
    cluster.remove(name);
    ask(doing);
  }

  /** {@return whether another source streams from the pipeline's main slot} */
  public boolean mainSlotIsHeldByAnother() {
    Slot main = cluster.slot(applySlot);
    WalSender holder = main == null ? null : main.holder();
    return holder != null && !ownPids.contains(holder.pid());
  }

  /** {@return whether the slot is free, or gone, within five seconds} */
  boolean awaitFree(String name) {
    long until = cluster.now() + PATIENCE_NANOS;
    while (slot(name).filter(SlotState::active).isPresent()) {
      if (cluster.now() > until || !cluster.scheduler().pauseInterruptibly(POLL_NANOS)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void useSlots(Set<String> names, String publicationName) {
    ask("use slots");
  }

  @Override
  public boolean isSynchronousStandby() {
    ask("look for synchronous standbys");
    return false;
  }

  @Override
  public void releaseSlot(String name) {
    ask("release slot " + name);
    Slot slot = cluster.slot(name);
    WalSender holder = slot == null ? null : slot.holder();
    if (holder != null && ownPids.contains(holder.pid())) {
      holder.end();
      cluster.changed().wakeAll();
    }
  }

  @Override
  public Lsn probe() {
    cluster.scheduler().pause(1_000_000);
    if (cluster.stopping()) {
      throw Link.unavailable("reading the stream");
    }
    return cluster.reachable() ? cluster.end() : Lsn.ZERO;
  }

  @Override
  public ReplicationConnection openReplication(String role) {
    return new ScriptedConnection(this);
  }

  @Override
  public void close() {
    closed = true;
    List.copyOf(links).forEach(Link::cut);
  }
}
