package dev.pgetl.testkit.postgres;

/** The functions that every test database has. */
final class KitFunctions {
  private KitFunctions() {}

  static final String SQL =
      """
      create schema kit;
      create function kit.slots()
        returns table(slot name, temp bool, active_pid int, confirmed pg_lsn, wal_status text)
        language sql as $$
          select slot_name, temporary, active_pid, confirmed_flush_lsn, wal_status
          from pg_catalog.pg_replication_slots
          where database = pg_catalog.current_database() order by 1
        $$;
      create function kit.kill_walsender(s name) returns bool language sql as $$
          select pg_catalog.pg_terminate_backend(active_pid)
          from pg_catalog.pg_replication_slots where slot_name = s and active_pid is not null
        $$;
      create function kit.lag(s name) returns numeric language sql as $$
          select pg_catalog.pg_current_wal_flush_lsn() - confirmed_flush_lsn
          from pg_catalog.pg_replication_slots where slot_name = s
        $$;
      """;
}
