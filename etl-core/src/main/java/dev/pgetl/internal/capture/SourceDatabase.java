package dev.pgetl.internal.capture;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.LockReport;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotCatalog;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceCheck;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.catalog.TableCatalog;
import dev.pgetl.internal.capture.condition.ConditionCheck;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.internal.capture.session.Connector;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SessionSettings;
import dev.pgetl.internal.capture.session.SessionSettings.Purpose;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.internal.connect.DriverVersion;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The source database: opens connections on demand, all with the same pinned session settings.
 *
 * <p>Thread-safe. Every method fails with an {@link EtlException} only, within the time limits of
 * the configuration.
 */
public final class SourceDatabase implements Source {
  /**
   * Without a slot for the stream and one for a table's copy, a new pipeline does not get anywhere.
   */
  private static final int SLOTS_OF_A_FIRST_START = 2;

  /** The name is compared because a process number may have been reused. */
  private static final String END =
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid = ANY (string_to_array(?, ',')::int[]) AND starts_with(application_name, ?)""";

  private final PgConnectionConfig config;
  private final Ticker ticker;
  private final FailoverSlots failoverSlots;
  private final SlotFailover failover;
  private final String applicationPrefix;
  private final Connector connector;
  private final ControlSession control;
  private final LockReport lockReport;
  private final SlotCatalog slots;
  private final TableCatalog catalog;
  private volatile Mandate mandate = Mandate.NONE;

  /** Creates a source whose slots are failover slots wherever the server has them. */
  public SourceDatabase(PgConnectionConfig config, String pipelineId, Platform platform) {
    this(config, pipelineId, FailoverSlots.AUTO, platform);
  }

  /**
   * Creates the source; connects to nothing yet.
   *
   * @param config how to reach the server
   * @param pipelineId the pipeline, part of the application name of every connection
   * @param failover whether slots are failover slots
   * @param platform time and locks
   */
  public SourceDatabase(
      PgConnectionConfig config, String pipelineId, FailoverSlots failover, Platform platform) {
    this.config = config;
    this.failoverSlots = failover;
    this.failover = new SlotFailover(failover);
    this.ticker = platform;
    SessionSettings settings = new SessionSettings(config, pipelineId);
    applicationPrefix = settings.applicationPrefix();
    connector = new Connector(config, settings, platform);
    control = new ControlSession(connector);
    lockReport = new LockReport(control);
    slots = new SlotCatalog(control, lockReport, applicationPrefix, ticker);
    catalog = new TableCatalog(control);
  }

  @Override
  public void check(String publicationName, String applySlotName, int slotsNeeded, boolean atOnce) {
    DriverVersion.present().check();
    String doing = "check the source";
    boolean first = slot(applySlotName).isEmpty();
    int forFirstStep = Math.min(slotsNeeded, first ? SLOTS_OF_A_FIRST_START : 0);
    StandbySource standby =
        new StandbySource(config.readsFromStandby(), failoverSlots, applySlotName);
    int required = atOnce ? slotsNeeded : forFirstStep;
    boolean unused =
        control.call(
            doing,
            c -> {
              List<PublishedTable> tables =
                  SourceCheck.run(c, publicationName, standby, slotsNeeded, required);
              failover.check(c);
              catalog.warnOfIdentity(c, PublishedTable.partitioned(tables));
              return true;
            });
  }

  @Override
  public long unansweredNanos() {
    return connector.unansweredNanos();
  }

  @Override
  public void own(String applySlot, Continuity continuity) {
    control.own(
        session ->
            continuity.require(
                SlotCatalog.find(session.jdbc(), applySlot), SourceFacts.ofPrimary(session.jdbc())),
        () -> {
          mandate.require();
          return mandate.overtakes();
        });
  }

  /** Has a store decide, too, whether this process acts. */
  public void under(Mandate store) {
    mandate = store;
  }

  /**
   * {@return whether any process acts for the pipeline: one owns it, or reads one of its slots} A
   * process that waits asks this; it owns nothing and changes nothing.
   *
   * @param slotNames answers whether a slot is the pipeline's
   */
  public boolean isTaken(Predicate<String> slotNames) {
    return control.isTaken()
        || slots().stream().anyMatch(slot -> slot.active() && slotNames.test(slot.name()));
  }

  @Override
  public void requireOwned() {
    mandate.require();
    if (!connector.isOwned()) {
      Optional<Boolean> unused =
          control.call(
              "prove that the pipeline is this process's",
              c -> Sql.first(c, "SELECT true", row -> row.getBoolean(1)));
    }
  }

  @Override
  public SourceFacts facts() {
    try (ReplicationSession session = openReplication("facts")) {
      return session.facts();
    }
  }

  @Override
  public WalEnd endOfWal() {
    return control
        .call("look where the log ends", WalEnd::ofPrimary)
        .orElseGet(
            () -> {
              SourceFacts standby = facts();
              return new WalEnd(standby.timeline(), standby.currentWal());
            });
  }

  @Override
  public void reconnect() {
    control.suspect();
  }

  @Override
  public OpenTransactions openTransactions(String slot) {
    return control.call("list open transactions", c -> OpenTransactions.of(c, slot));
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName) {
    return ofPublication(publicationName, PublicationCatalog::tables);
  }

  @Override
  public PublishedTable publishedTable(String publicationName, TableId id, TableName name) {
    return ofPublication(publicationName, (c, publication) -> published(c, publication, id, name));
  }

  @Override
  public List<PublishedTable> publishedTables(String publicationName, Collection<TableId> ids) {
    return ofPublication(
        publicationName, (c, publication) -> PublicationCatalog.tables(c, publication, ids));
  }

  @Override
  public Map<TableId, TableSize> sizes(Collection<TableId> tables) {
    return tables.isEmpty() ? Map.of() : TableSize.of(control, tables);
  }

  @Override
  public void checkCondition(PublishedTable table, String condition) {
    boolean unused =
        control.callAtOneMoment(
            "check the condition on the rows of table " + table.name(),
            c -> ConditionCheck.runIfFree(c, table, condition));
  }

  /** A question about a publication. */
  private interface PublicationQuery<T> {
    T ask(Connection connection, String publicationName) throws SQLException;
  }

  private <T> T ofPublication(String name, PublicationQuery<T> query) {
    return control.call(
        "read publication \"" + name + "\"",
        c -> {
          if (PublicationCatalog.publication(c, name).isEmpty()) {
            throw PublicationCatalog.missing(name);
          }
          return query.ask(c, name);
        });
  }

  /**
   * {@return a table as its publication publishes it now}
   *
   * @param connection where to ask, for example under a snapshot
   * @param table the table as it was published before
   * @throws EtlException if it is not published any more
   * @throws SQLException if the query fails
   */
  public PublishedTable publishedTable(Connection connection, PublishedTable table)
      throws SQLException {
    return published(connection, table.publicationName(), table.id(), table.name());
  }

  /**
   * {@return a publication's condition on a table's rows as SQL; empty if there is none}
   *
   * @param connection where to ask; has locked the table, or waits for its lock
   * @param table the table
   * @throws SQLException if the query fails
   */
  public String rowFilter(Connection connection, PublishedTable table) throws SQLException {
    return PublicationCatalog.rowFilter(connection, table.publicationName(), table.id());
  }

  private static PublishedTable published(
      Connection connection, String publicationName, TableId id, TableName name)
      throws SQLException {
    return PublicationCatalog.table(connection, publicationName, id)
        .orElseThrow(
            () ->
                new EtlException(
                        ErrorKind.SOURCE_CONFIGURATION,
                        "table "
                            + name
                            + " is not in publication \""
                            + publicationName
                            + "\" any more")
                    .withTable(id.oid()));
  }

  /**
   * {@return who holds or wants a table for itself, as part of a sentence}
   *
   * @param table the table
   */
  public String lockHolders(TableId table) {
    return lockReport.lockHolders(table.oid());
  }

  @Override
  public List<SlotState> slots() {
    return slots.all();
  }

  @Override
  public Optional<SlotState> slot(String name) {
    return slots.find(name);
  }

  @Override
  public List<SlotRetention> retention(Collection<String> names) {
    return SlotRetention.of(control, names);
  }

  @Override
  public List<String> walHolders() {
    return SlotRetention.holders(control);
  }

  @Override
  public void dropSlot(String name) {
    slots.drop(name);
  }

  @Override
  public void useSlots(Set<String> names, String publicationName) {
    slots.use(names, publicationName);
  }

  @Override
  public boolean isSynchronousStandby() {
    return slots.isSynchronousStandby();
  }

  @Override
  public void releaseSlot(String name) {
    slots.release(name);
  }

  @Override
  public Lsn createSlot(String name) {
    try (ReplicationSession session = openReplication("create_slot")) {
      return session.createSlot(name);
    }
  }

  @Override
  public Lsn probe() {
    try (Session session = connector.reopen(Purpose.CONTROL, "probe")) {
      return StandbySource.endOfWal(session.jdbc());
    } catch (SQLException e) {
      return Lsn.ZERO;
    } catch (EtlException e) {
      SQLException refused = SqlErrors.causeOf(e, SQLException.class);
      if (refused != null && SqlErrors.stateOf(refused).equals(SqlErrors.CANNOT_CONNECT_NOW)) {
        throw new EtlException(
            ErrorKind.SOURCE_UNAVAILABLE,
            "reading the stream ended: the server is shutting down",
            e);
      }
      return Lsn.ZERO;
    }
  }

  @Override
  public TableCatalog catalog() {
    return catalog;
  }

  @Override
  public ReplicationSession openReplication(String role) {
    Session session = connector.open(Purpose.REPLICATION, role);
    slots.opened(session.backendPid());
    return new ReplicationSession(session, slots, failover, config, ticker);
  }

  /** {@return what its clock says, in nanoseconds} */
  public long nanos() {
    return ticker.nanos();
  }

  /**
   * Opens a connection that reads rows.
   *
   * @param role what it is for, part of its application name
   * @return the connection
   */
  public Session openCopy(String role) {
    return connector.open(Purpose.COPY, role);
  }

  /**
   * Ends the server processes behind connections that were cut: one that waits for a lock notices
   * only when it has got it.
   *
   * @param cut the connections
   */
  public void end(List<Session> cut) {
    String pids =
        cut.stream()
            .map(session -> Integer.toString(session.backendPid()))
            .collect(Collectors.joining(","));
    control.call(
        "end connections that were cut",
        c -> Sql.list(c, END, row -> row.getBoolean(1), pids, applicationPrefix));
  }

  @Override
  public void close() {
    control.close();
    connector.close();
  }
}
