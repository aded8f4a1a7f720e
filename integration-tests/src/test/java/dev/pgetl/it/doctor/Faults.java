package dev.pgetl.it.doctor;

import static dev.pgetl.diagnose.FindingCode.DATABASE_CONNECTION_LIMIT;
import static dev.pgetl.diagnose.FindingCode.GENERATED_COLUMNS;
import static dev.pgetl.diagnose.FindingCode.HIDDEN_SESSIONS;
import static dev.pgetl.diagnose.FindingCode.IDENTITY_DIFFERS;
import static dev.pgetl.diagnose.FindingCode.IDENTITY_FILTERED;
import static dev.pgetl.diagnose.FindingCode.IDENTITY_FULL;
import static dev.pgetl.diagnose.FindingCode.IDENTITY_MISSING;
import static dev.pgetl.diagnose.FindingCode.IDENTITY_NOT_PUBLISHED;
import static dev.pgetl.diagnose.FindingCode.IDLE_SLOT_TIMEOUT;
import static dev.pgetl.diagnose.FindingCode.LARGE_VALUES;
import static dev.pgetl.diagnose.FindingCode.MONEY_LOCALE;
import static dev.pgetl.diagnose.FindingCode.ORPHAN_SLOT;
import static dev.pgetl.diagnose.FindingCode.PARTITIONS_BY_LEAF;
import static dev.pgetl.diagnose.FindingCode.PASSWORD_EXPIRY;
import static dev.pgetl.diagnose.FindingCode.PREPARED_TRANSACTION;
import static dev.pgetl.diagnose.FindingCode.PUBLICATION_EMPTY;
import static dev.pgetl.diagnose.FindingCode.PUBLICATION_MISSING;
import static dev.pgetl.diagnose.FindingCode.PUBLISHED_OPERATIONS;
import static dev.pgetl.diagnose.FindingCode.REPLICATION_ROLE;
import static dev.pgetl.diagnose.FindingCode.ROLE_CONNECTION_LIMIT;
import static dev.pgetl.diagnose.FindingCode.ROLE_SETTINGS;
import static dev.pgetl.diagnose.FindingCode.ROW_SECURITY;
import static dev.pgetl.diagnose.FindingCode.SLOT_LOST;
import static dev.pgetl.diagnose.FindingCode.SLOT_NAME_TAKEN;
import static dev.pgetl.diagnose.FindingCode.SLOT_NEAR_LOSS;
import static dev.pgetl.diagnose.FindingCode.SOURCE_UNREACHABLE;
import static dev.pgetl.diagnose.FindingCode.STANDBY_GONE;
import static dev.pgetl.diagnose.FindingCode.STANDBY_UNUSED;
import static dev.pgetl.diagnose.FindingCode.SYNCHRONOUS_STANDBY;
import static dev.pgetl.diagnose.FindingCode.TABLE_PRIVILEGE;
import static dev.pgetl.diagnose.FindingCode.UNSENT_PARTITION;
import static dev.pgetl.diagnose.FindingCode.UNSENT_TABLE;
import static dev.pgetl.diagnose.FindingCode.WAL_LIMIT_SMALL;
import static dev.pgetl.diagnose.FindingCode.WAL_UNLIMITED;

import java.util.List;
import java.util.stream.Stream;

/** The faults that SQL can plant. */
final class Faults {
  private static final String PARTS =
      """
      create table root(id int primary key, v int) partition by range (id);
      create table low partition of root for values from (0) to (10);
      create table high partition of root for values from (10) to (20);
      alter publication pub add table root;
      """;

  private static final String VIA_ROOT =
      "alter publication pub set (publish_via_partition_root = true);";

  private static final String MUCH_WAL =
      """
      create table w(v int); insert into w values (1); select pg_switch_wal(); insert into w values (1);
      select pg_switch_wal(); insert into w values (1); select pg_switch_wal(); insert into w values (1);
      select pg_switch_wal(); insert into w values (1); select pg_switch_wal(); insert into w values (1);
      """;

  private static final String OWN_SLOT =
      "select pg_create_logical_replication_slot('pgetl_apply_it', 'pgoutput');";

  private Faults() {}

  static Stream<Fault> all(int major) {
    return Stream.of(
            ofRole(),
            ofPublication(),
            ofIdentity(),
            ofPublishedIdentity(),
            ofTables(),
            ofSlots(),
            ofServer())
        .flatMap(List::stream)
        .filter(fault -> fault.since() <= major);
  }

  private static List<Fault> ofRole() {
    return List.of(
        Fault.of(REPLICATION_ROLE, "no replication", "alter role etl noreplication"),
        Fault.of(TABLE_PRIVILEGE, "no select", "revoke select on users from etl"),
        Fault.of(
            TABLE_PRIVILEGE,
            "no usage of the schema",
            "create schema s; create table s.t(id int primary key); grant select on s.t to etl;"
                + " alter publication pub add table s.t"),
        Fault.of(ROW_SECURITY, "policies", "alter table users enable row level security"),
        Fault.of(ROLE_CONNECTION_LIMIT, "few", "alter role etl connection limit 3"),
        Fault.of(DATABASE_CONNECTION_LIMIT, "few", "alter database {db} connection limit 3"),
        Fault.of(
            PASSWORD_EXPIRY,
            "tomorrow",
            "do $$ begin execute format('alter role etl valid until %L', now() + interval '1 day'); end $$"),
        Fault.of(MONEY_LOCALE, "of the role", "alter role etl set lc_monetary = 'POSIX'"),
        Fault.of(ROLE_SETTINGS, "statements", "alter role etl set statement_timeout = '5s'"),
        Fault.of(ROLE_SETTINGS, "locks", "alter role etl set lock_timeout = '1s'"),
        Fault.of(
            ROLE_SETTINGS, "idle", "alter role etl set idle_in_transaction_session_timeout = '1s'"),
        Fault.of(ROLE_SETTINGS, "path", "alter role etl in database {db} set search_path = 'x'"),
        Fault.of(ROLE_SETTINGS, "row security", "alter role etl set row_security = off"),
        Fault.of(
            ROLE_SETTINGS, "read only", "alter role etl set default_transaction_read_only = on"),
        Fault.of(HIDDEN_SESSIONS, "no statistics", "revoke pg_read_all_stats from etl"),
        Fault.of(SOURCE_UNREACHABLE, "no login", "alter role etl nologin").byHand());
  }

  private static List<Fault> ofPublication() {
    return List.of(
        Fault.of(PUBLICATION_MISSING, "dropped", "drop publication pub"),
        Fault.of(PUBLICATION_EMPTY, "no table", "alter publication pub drop table users"),
        Fault.of(
            PUBLISHED_OPERATIONS,
            "no deletes",
            "alter publication pub set (publish = 'insert, update, truncate')"),
        Fault.of(
            PUBLISHED_OPERATIONS,
            "no truncations",
            "alter publication pub set (publish = 'insert, update, delete')"),
        Fault.of(PARTITIONS_BY_LEAF, "two", PARTS));
  }

  private static List<Fault> ofIdentity() {
    return List.of(
        Fault.of(
            IDENTITY_MISSING,
            "no key",
            "create table bare(id int); alter publication pub add table bare"),
        Fault.of(IDENTITY_MISSING, "nothing", "alter table users replica identity nothing"),
        Fault.of(
            IDENTITY_MISSING,
            "index is gone",
            "create unique index i on users(id); alter table users replica identity using index i;"
                + " drop index i"),
        Fault.of(
            IDENTITY_MISSING,
            "deferrable key",
            "create table d(id int primary key deferrable); alter publication pub add table d"),
        Fault.of(
            IDENTITY_MISSING,
            "of a partition",
            PARTS + VIA_ROOT + "alter table low replica identity nothing"));
  }

  private static List<Fault> ofPublishedIdentity() {
    return List.of(
        Fault.of(
                IDENTITY_NOT_PUBLISHED,
                "half a key",
                "create table pair(a int, b int, v int, primary key (a, b));"
                    + " alter publication pub add table pair (a, v) where (a > 3)")
            .since(15),
        Fault.of(
                IDENTITY_NOT_PUBLISHED,
                "full, and a list",
                "alter table users replica identity full; alter publication pub set table users (id)")
            .since(15),
        Fault.of(IDENTITY_FILTERED, "age", "alter publication pub set table users where (age > 3)")
            .since(15),
        Fault.of(
            IDENTITY_DIFFERS,
            "one is full",
            PARTS + VIA_ROOT + "alter table low replica identity full"),
        Fault.of(
            IDENTITY_FULL,
            "20 columns",
            "do $$ begin execute (select format('create table wide(id int primary key, %s)',"
                + " string_agg('c' || g || ' int', ',')) from generate_series(1, 20) g); end $$;"
                + " alter table wide replica identity full; alter publication pub add table wide"));
  }

  private static List<Fault> ofTables() {
    return List.of(
        Fault.of(
            UNSENT_PARTITION,
            "unlogged, by root",
            PARTS
                + VIA_ROOT
                + "create unlogged table u partition of root for values from (20) to (30)"),
        Fault.of(
            UNSENT_TABLE,
            "unlogged, by leaf",
            PARTS + "create unlogged table u partition of root for values from (20) to (30)"),
        Fault.of(
                GENERATED_COLUMNS,
                "stored",
                "alter table users add twice int generated always as (age * 2) stored")
            .since(18),
        Fault.of(
                GENERATED_COLUMNS,
                "stored, which are never sent",
                "alter table users add twice int generated always as (age * 2) stored;"
                    + " create table list(id int primary key)")
            .byHand(),
        Fault.of(LARGE_VALUES, "text", "alter table users add bio text"));
  }

  private static List<Fault> ofSlots() {
    return List.of(
        Fault.of(
            ORPHAN_SLOT,
            "of a table that is gone",
            "select pg_create_logical_replication_slot('pgetl_sync_it_999999999', 'pgoutput')"),
        Fault.of(
            ORPHAN_SLOT,
            "of a pipeline that is gone",
            "select pg_create_logical_replication_slot('pgetl_apply_gone', 'pgoutput')"),
        Fault.of(
            SLOT_NAME_TAKEN,
            "physical",
            "select pg_create_physical_replication_slot('pgetl_apply_it')"),
        Fault.of(
            SLOT_NAME_TAKEN,
            "two-phase",
            "select pg_create_logical_replication_slot('pgetl_apply_it', 'pgoutput', false, true)"),
        Fault.of(
            SLOT_LOST,
            "log is gone",
            OWN_SLOT
                + "alter system set max_slot_wal_keep_size = '16MB'; select pg_reload_conf();"
                + MUCH_WAL
                + "checkpoint; checkpoint"),
        Fault.of(
            SLOT_NEAR_LOSS,
            "64 MB",
            OWN_SLOT
                + "alter system set max_slot_wal_keep_size = '80MB'; select pg_reload_conf();"
                + MUCH_WAL),
        Fault.of(
            PREPARED_TRANSACTION,
            "forgotten",
            "begin; insert into users values (1); prepare transaction 'it''s'"));
  }

  private static List<Fault> ofServer() {
    return List.of(
        Fault.of(WAL_UNLIMITED, "as by default", "select"),
        Fault.of(
            WAL_LIMIT_SMALL,
            "64 MB",
            "alter system set max_slot_wal_keep_size = '64MB'; select pg_reload_conf()"),
        Fault.of(
                IDLE_SLOT_TIMEOUT,
                "one hour",
                "alter system set idle_replication_slot_timeout = '1h'; select pg_reload_conf()")
            .since(18),
        Fault.of(
            SYNCHRONOUS_STANDBY,
            "any",
            "alter system set synchronous_standby_names = '*'; select pg_reload_conf()"),
        Fault.of(
                STANDBY_GONE,
                "its slot was dropped",
                "select pg_create_physical_replication_slot('gone', true);"
                    + " alter system set synchronized_standby_slots = 'gone';"
                    + " select pg_reload_conf(); select pg_drop_replication_slot('gone')")
            .since(17),
        Fault.of(
                STANDBY_UNUSED,
                "one of two",
                "select pg_create_physical_replication_slot('one', true), pg_create_physical_replication_slot('two', true);"
                    + " alter system set synchronized_standby_slots = 'one', 'two'; select pg_reload_conf()")
            .since(17));
  }
}
