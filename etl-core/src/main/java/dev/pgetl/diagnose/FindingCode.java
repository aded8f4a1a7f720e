package dev.pgetl.diagnose;

/**
 * The kinds of findings. Names are stable; later versions may add some. {@code docs/doctor.md}
 * lists them.
 */
public enum FindingCode {
  /** The source cannot be reached, or refuses the login. */
  SOURCE_UNREACHABLE(Severity.ERROR),
  /** A pooler or proxy is between the pipeline and the server. */
  POOLER(Severity.ERROR),
  /** The server is older than Postgres 14. */
  SERVER_VERSION(Severity.ERROR),
  /** The server's minor version has bugs in logical decoding that lose changes. */
  MINOR_VERSION(Severity.WARNING),
  /** The Postgres JDBC driver on the class path is too old. */
  DRIVER_VERSION(Severity.ERROR),
  /** A library that a destination or store uses is too old. */
  LIBRARY_VERSION(Severity.WARNING),
  /** {@code wal_level} is not {@code logical}. */
  WAL_LEVEL(Severity.ERROR),
  /** The server does not allow {@code pgoutput}. */
  OUTPUT_PLUGIN(Severity.ERROR),
  /** Too few replication slots are free; {@code ERROR} if the pipeline cannot start. */
  REPLICATION_SLOTS(Severity.WARNING),
  /** Too few WAL senders are free; {@code ERROR} if the pipeline cannot start. */
  WAL_SENDERS(Severity.WARNING),
  /** Too few connections are free. */
  CONNECTIONS(Severity.WARNING),
  /**
   * The lock table is too small for a partitioned table; {@code ERROR} if no copy of it can begin.
   */
  LOCKS(Severity.WARNING),
  /** {@code max_slot_wal_keep_size} is smaller than what a short stop of the pipeline may need. */
  WAL_LIMIT_SMALL(Severity.WARNING),
  /** {@code max_slot_wal_keep_size} is not set: a slot that is not read fills the disk. */
  WAL_UNLIMITED(Severity.INFO),
  /**
   * {@code idle_replication_slot_timeout} invalidates slots of a pipeline that is stopped for a
   * while.
   */
  IDLE_SLOT_TIMEOUT(Severity.WARNING),
  /** Commits of the source wait for the pipeline as a synchronous standby. */
  SYNCHRONOUS_STANDBY(Severity.WARNING),
  /** The database does not check that text is valid in its encoding. */
  ENCODING(Severity.WARNING),
  /** The role may not replicate. */
  REPLICATION_ROLE(Severity.ERROR),
  /** The role may not read a published table. */
  TABLE_PRIVILEGE(Severity.ERROR),
  /** Row level security hides rows of a table from the role. */
  ROW_SECURITY(Severity.ERROR),
  /** The role may open fewer connections than the pipeline needs. */
  ROLE_CONNECTION_LIMIT(Severity.WARNING),
  /** The database allows fewer connections than the pipeline needs. */
  DATABASE_CONNECTION_LIMIT(Severity.WARNING),
  /** The password of the role expires soon, or has expired. */
  PASSWORD_EXPIRY(Severity.WARNING),
  /** The role has an {@code lc_monetary} of its own. */
  MONEY_LOCALE(Severity.WARNING),
  /** The role has settings that the pipeline replaces for its sessions. */
  ROLE_SETTINGS(Severity.INFO),
  /** The role does not see the transactions of other roles. */
  HIDDEN_SESSIONS(Severity.INFO),
  /** The publication does not exist. */
  PUBLICATION_MISSING(Severity.ERROR),
  /** The publication has no table; {@code INFO} if tables join by themselves. */
  PUBLICATION_EMPTY(Severity.ERROR),
  /** The publication leaves out inserts, updates or deletes; {@code INFO} if only truncations. */
  PUBLISHED_OPERATIONS(Severity.WARNING),
  /** Each partition of a table is a table of its own for the pipeline. */
  PARTITIONS_BY_LEAF(Severity.INFO),
  /** A published table is unlogged or foreign: its changes are never sent. */
  UNSENT_TABLE(Severity.ERROR),
  /** A partition is unlogged or foreign: it is not copied, and its changes are never sent. */
  UNSENT_PARTITION(Severity.WARNING),
  /**
   * The server refuses updates and deletes of a table, because it has no usable replica identity.
   */
  IDENTITY_MISSING(Severity.WARNING),
  /**
   * The server refuses updates and deletes, because a column list leaves out the replica identity.
   */
  IDENTITY_NOT_PUBLISHED(Severity.WARNING),
  /**
   * The server refuses updates and deletes, because a row filter uses other columns than the
   * replica identity.
   */
  IDENTITY_FILTERED(Severity.WARNING),
  /** Partitions of a table differ in their replica identity. */
  IDENTITY_DIFFERS(Severity.WARNING),
  /**
   * Every update of a wide table writes its whole old row to the WAL, although it has a primary
   * key.
   */
  IDENTITY_FULL(Severity.INFO),
  /** Large values that an update did not change are absent in its event. */
  LARGE_VALUES(Severity.INFO),
  /** Generated columns are not sent. */
  GENERATED_COLUMNS(Severity.INFO),
  /** The server has invalidated a slot of the pipeline. */
  SLOT_LOST(Severity.ERROR),
  /** A slot of the pipeline is close to {@code max_slot_wal_keep_size}. */
  SLOT_NEAR_LOSS(Severity.WARNING),
  /** A slot that is not the pipeline's has its name. */
  SLOT_NAME_TAKEN(Severity.ERROR),
  /** A slot that no process reads holds WAL. */
  ORPHAN_SLOT(Severity.WARNING),
  /** A transaction has been open for long: it holds WAL, and new slots wait for it. */
  OPEN_TRANSACTION(Severity.WARNING),
  /** A prepared transaction has been open for long: it holds WAL, and new slots wait for it. */
  PREPARED_TRANSACTION(Severity.WARNING),
  /** {@code failoverSlots} is {@code ON}, and the server has no failover slots. */
  FAILOVER_UNSUPPORTED(Severity.ERROR),
  /** {@code synchronized_standby_slots} names a slot that does not exist: nothing is delivered. */
  STANDBY_GONE(Severity.WARNING),
  /** {@code synchronized_standby_slots} names a slot that no standby uses: nothing is delivered. */
  STANDBY_UNUSED(Severity.WARNING),
  /**
   * A standby is not in {@code synchronized_standby_slots}: after a failover it may lack what was
   * delivered.
   */
  STANDBY_UNLISTED(Severity.WARNING),
  /** The server is a standby, or was to be one, and lacks what that needs. */
  STANDBY_SOURCE(Severity.ERROR),
  /** {@code primary_slot_name} of the standby is empty: its slots may be lost. */
  STANDBY_WITHOUT_SLOT(Severity.WARNING),
  /** The store cannot be reached. */
  STORE_UNREACHABLE(Severity.ERROR),
  /** The store cannot be written. */
  STORE_READ_ONLY(Severity.ERROR),
  /** The store does not survive the process: each start copies all tables. */
  STORE_VOLATILE(Severity.INFO),
  /** The destination cannot be reached. */
  DESTINATION_UNREACHABLE(Severity.ERROR),
  /** The destination cannot be written. */
  DESTINATION_READ_ONLY(Severity.ERROR),
  /** Credentials are sent unencrypted. */
  UNENCRYPTED(Severity.WARNING),
  /** A check could not be made. */
  NOT_CHECKED(Severity.INFO);

  private final Severity severity;

  FindingCode(Severity severity) {
    this.severity = severity;
  }

  /** {@return how bad it is as a rule} */
  public Severity severity() {
    return severity;
  }
}
