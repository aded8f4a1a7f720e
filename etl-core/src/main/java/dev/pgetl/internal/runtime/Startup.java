package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.runtime.lineage.Continuity;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.lineage.LastKeys;
import dev.pgetl.internal.runtime.lineage.Lineage;
import dev.pgetl.internal.runtime.lineage.SetBack;
import dev.pgetl.internal.runtime.stream.Departure;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableLife;
import dev.pgetl.internal.runtime.table.TableNotes;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.wal.Lsn;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens once, before any worker runs: brings store, publication and slots together. Used by
 * the starting thread.
 */
final class Startup {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
  private static final SourceFacts UNKNOWN = new SourceFacts("", 0, Lsn.ZERO);

  private final PipelineContext context;
  private final PipelineStore store;
  private final Tables tables;
  private final LastKeys keys;
  private final Continuity continuity;
  private final SetBack setBack;
  private SourceFacts facts = UNKNOWN;
  private @Nullable ReplicationConnection connection;
  private boolean destinationStarted;

  Startup(PipelineContext context, Tables tables, CallGate calls) {
    this.context = context;
    this.store = context.store();
    this.tables = tables;
    this.keys =
        LastKeys.of(
            context.destination(), store, TableLife::isApplied, calls.turn(() -> {}, () -> false));
    this.continuity = new Continuity(context, keys, this::startDestination);
    this.setBack = new SetBack(context.store());
  }

  /**
   * What the workers begin with.
   *
   * @param position where the apply worker starts; its slot exists
   * @param connection for its first stream; null if it opens one
   * @param given what earlier processes have delivered
   * @param scopes knows which rows of the tables are published
   * @param claims which tables are this pipeline's
   */
  record Prepared(
      ReplicationProgress position,
      @Nullable ReplicationConnection connection,
      Given given,
      ScopeWatch scopes,
      TableClaims.Claimant claims) {}

  /**
   * Checks the source, becomes the owner of the pipeline, compares what is remembered with the
   * server, and only then changes anything.
   *
   * @throws EtlException if the pipeline cannot run
   */
  Prepared prepare(TableClaims claims) {
    own(this::requireContinuity);
    ReplicationConnection first = context.source().openReplication("apply");
    connection = first;
    facts = first.facts();
    load();
    Optional<ReplicationProgress> remembered = continuity.remembered(facts);
    startDestination();
    List<PublishedTable> published = published();
    TableClaims.Claimant own = claims.of(context.config(), facts.systemIdentifier());
    own.takeAll(published);
    requireNames(published);
    WalEnd end = remembered.map(this::endOfWal).orElse(null);
    Lsn now = end == null ? Lsn.ZERO : end.position();
    reconcile(published, end);
    ReplicationProgress position = remembered.orElseGet(this::beginAgain);
    LeftoverSlots leftover = new LeftoverSlots(context, tables);
    leftover.drop(table -> leftover.drop(context.syncSlotPrefix() + table.id()));
    ScopeWatch scopes = new ScopeWatch(context, tables);
    scopes.changedBefore(now);
    scopes.refresh(published).forEach(Table::restart);
    Given given = Given.from(keys, position.flushedLsn(), now); // earlier ones knew no more
    return new Prepared(position, connection, given, scopes, own);
  }

  /**
   * Checks the source, becomes the owner of the pipeline, and takes in the tables whose rows are
   * copied. Changes nothing.
   *
   * @throws EtlException if the pipeline cannot run
   */
  void prepareCopies() {
    own((slot, server) -> requireNoSlot(slot));
    facts = context.source().facts();
    requireNoSlot(context.source().slot(context.applySlot()));
    startDestination();
    List<PublishedTable> published = published();
    requireNames(published);
    Map<TableId, TableName> copied = new LinkedHashMap<>();
    published.stream()
        .filter(table -> context.config().tableCopy().copies(table.name()))
        .forEach(table -> copied.put(table.id(), table.name()));
    if (copied.isEmpty()) {
      throw new EtlException(ErrorKind.CONFIGURATION, "there is no published table to copy")
          .withFix("Publish a table that tableCopy does not leave out");
    }
    List<Table> unused = tables.add(copied, null);
  }

  private List<PublishedTable> published() {
    return context.source().publishedTables(context.config().publicationName());
  }

  private void requireNames(List<PublishedTable> published) {
    PublishedNames.require(context.config().tableCopy(), published);
    PublishedNames.requireConditions(context.source(), context.config().tableCopy(), published);
    context.destination().tablesPublished(PublishedNames.of(published, context, facts));
  }

  /** {@return whether the destination has to be closed} */
  boolean hasStartedDestination() {
    return destinationStarted;
  }

  @SuppressWarnings("IllegalCatch") // an error of a destination is its failure
  private void startDestination() {
    if (destinationStarted) {
      return; // a promoted server was compared with what it holds
    }
    destinationStarted = true;
    try {
      context.destination().startup();
    } catch (RuntimeException | Error e) {
      throw DestinationCall.failed("starting destination " + context.destination().name(), e);
    }
  }

  /** Copies whose retries are limited must not wait for each other's slots. */
  private void own(Source.Continuity continuity) {
    PipelineConfig config = context.config();
    Source source = context.source();
    source.check(
        config.publicationName(),
        context.applySlot(),
        config.maxTableSyncWorkers(),
        context.copyOnly());
    source.own(context.applySlot(), continuity);
  }

  /**
   * No other process has read on from the slot since its position was stored last, and the server
   * has not been set back before it.
   */
  private void requireContinuity(Optional<SlotState> slot, Optional<SourceFacts> server) {
    Optional<ReplicationProgress> remembered = store.getReplicationProgress(context.applySlot());
    setBack.require(remembered, server);
    remembered.ifPresent(progress -> Lineage.requireHeld(slot, progress));
  }

  /** A copy would change tables behind the back of a pipeline that streams them. */
  private void requireNoSlot(Optional<SlotState> slot) {
    if (slot.isPresent()) {
      throw new EtlException(
              ErrorKind.CONFIGURATION,
              "pipeline "
                  + context.config().id()
                  + " is to copy only, but streams: it has replication slot "
                  + context.applySlot())
          .withFix("Give what only copies an id of its own");
    }
  }

  /** Reads what is remembered. */
  private void load() {
    int states = store.loadTableReplicationStates();
    int schemas = store.loadTableSchemas();
    int unused = store.loadTableMappings();
    int unusedToo = store.loadReplicationProgress();
    int unusedAsWell = store.loadCopyRanges();
    LOG.info("loaded the state of {} tables and {} schema versions", states, schemas);
  }

  /** Tables are copied, and forgotten, once the stream has reached it. */
  private WalEnd endOfWal(ReplicationProgress remembered) {
    WalEnd end = context.source().endOfWal();
    end.requireTimeline(remembered.lineage().timeline());
    return end;
  }

  /**
   * Takes in the tables of the publication, and those that left it.
   *
   * @param end where the log was after they were read, if the stream continues: the last changes of
   *     a table that has left may be still to come. Null if the stream begins with them
   */
  private void reconcile(List<PublishedTable> published, @Nullable WalEnd end) {
    Departure departure =
        end == null
            ? null
            : Departure.begin(context.source().openTransactions(context.applySlot()), end);
    Map<TableId, PublishedTable> byId =
        published.stream().collect(Collectors.toMap(PublishedTable::id, Function.identity()));
    store.getTableReplicationStates().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparingLong(TableId::oid)))
        .forEach(
            known -> {
              PublishedTable table = byId.get(known.getKey());
              if (table != null) {
                takeIn(table, known.getValue());
              } else if (departure != null && TableLife.isApplied(known.getValue())) {
                leave(known.getKey(), known.getValue(), departure);
              } else {
                forgetState(context, known.getKey(), known.getKey().toString());
              }
            });
    List<PublishedTable> added =
        published.stream().filter(table -> tables.find(table.id()) == null).toList();
    List<Table> unused = add(tables, added, end == null ? Lsn.ZERO : end.position());
  }

  /**
   * Takes in tables that are new. Another table may have had the name of one, so its copy comes
   * behind what the apply worker delivers up to a position.
   */
  static List<Table> add(Tables tables, List<PublishedTable> added, Lsn position) {
    Set<TableName> known = tables.all().stream().map(Table::name).collect(Collectors.toSet());
    Map<TableId, TableName> names = new LinkedHashMap<>();
    for (PublishedTable table : added) {
      if (known.contains(table.name())) {
        LOG.warn(
            "another table than before has the name {}: it is copied behind the last change of that one;"
                + " a destination that tells tables apart by their names replaces one by the other",
            table.name());
      }
      names.put(table.id(), table.name());
    }
    return tables.add(names, position);
  }

  private Table require(TableId id) {
    return Objects.requireNonNull(tables.find(id));
  }

  /** The server still sends what was done to the table before it left. */
  private void leave(TableId id, TableReplicationPhase phase, Departure departure) {
    TableName name =
        store.getTableSchema(id).map(TableSchema::name).orElse(new TableName("", id.toString()));
    tables.known(id, name, phase);
    require(id).notes().departure(departure);
    LOG.info("table {} has left the publication", name);
  }

  private void takeIn(PublishedTable table, TableReplicationPhase phase) {
    if (TableLife.isApplied(phase) && store.getCopyRanges(table.id()).isPresent()) {
      store.deleteCopyRanges(table.id()); // a crash left them
    }
    if (phase instanceof Errored errored && errored.retryDirective() == RetryDirective.TIMED) {
      tables.known(table.id(), table.name(), errored, phaseBefore(table.id(), errored));
    } else {
      tables.known(table.id(), table.name(), phase);
    }
    Optional<String> ranges = store.getCopyRanges(table.id());
    if (ranges.isPresent()) {
      TableNotes notes = require(table.id()).notes();
      notes.copyAlone();
      CopyRangesText.read(ranges.get())
          .ifPresent(kept -> notes.copy().kept(kept.rows(), kept.bytes()));
    }
    store
        .getTableSchema(table.id())
        .flatMap(TableSchema::difference)
        .ifPresent(reason -> tables.differs(table.id(), reason));
  }

  /**
   * {@return where a table was before its failure} Only the store knows, and it is asked now while
   * nothing else happens: a start that fails between the two writes leaves a table that was at
   * work, and a table that the apply worker owned is never retried by time.
   */
  private TableReplicationPhase phaseBefore(TableId id, Errored errored) {
    TableReplicationPhase before = store.rollbackTableReplicationState(id);
    store.updateTableReplicationState(id, errored);
    return before;
  }

  /** A table is not in the publication any more; the destination keeps its rows. */
  static void forget(PipelineContext context, Tables tables, Table table) {
    forgetState(context, table.id(), table.name().toString());
    tables.remove(table);
  }

  private static void forgetState(PipelineContext context, TableId id, String name) {
    LOG.info("table {} has left the publication, its state is removed", name);
    String slot = context.syncSlotPrefix() + id;
    context.source().dropSlot(slot);
    context.store().deleteReplicationProgress(slot);
    context.store().cleanupTableState(id);
  }

  /**
   * {@return where the apply worker starts with a new slot} One that is there is not continued: who
   * knows nothing of it does not know either who read from it, and with what result.
   */
  private ReplicationProgress beginAgain() {
    releaseConnection();
    String slotName = context.applySlot();
    context.source().dropSlot(slotName);
    store.deleteReplicationProgress(slotName);
    List<Table> begun =
        tables.all().stream().filter(table -> !(table.phase() instanceof Init)).toList();
    begun.stream().filter(table -> table.life().isPaused()).forEach(Table::restart);
    tables.move(begun.stream().filter(table -> !table.life().isPaused()).toList(), new Resync());
    tables.forgetEnds();
    Failpoint.BEFORE_APPLY_SLOT_CREATED.reached();
    Lsn created = context.source().createSlot(slotName);
    Failpoint.AFTER_APPLY_SLOT_CREATED.reached();
    LOG.info("created replication slot {} at {}", slotName, created);
    return remember(created);
  }

  /** Making a slot takes a WAL sender of its own, and there may be no other. */
  private void releaseConnection() {
    ReplicationConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  private ReplicationProgress remember(Lsn position) {
    ReplicationProgress start =
        new ReplicationProgress(context.applySlot(), Lineage.of(facts, position), position);
    store.storeReplicationProgress(start);
    return start;
  }
}
