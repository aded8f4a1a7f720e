package dev.pgetl.it.walk;

import java.util.List;

/** What a walk begins with. */
final class InitialTables {
  private InitialTables() {}

  static List<String> sql(Settings settings, String database) {
    return List.of(
        "alter role " + World.ROLE + " reset all",
        "grant create on database " + database + " to " + World.ROLE,
        "alter default privileges grant select on tables to " + World.ROLE,
        "create schema app",
        "create schema spare",
        "grant usage on schema app, spare, public to " + World.ROLE,
        "create type mood as enum ('low', 'fair', 'high')",
        "create type place as (street text, city text)",
        "create domain short as varchar(40) check (length(value) < 40)",
        "create table users(id bigint primary key, name text not null, age int, big text)",
        "alter table users alter column big set storage external",
        "create table orders(id int primary key, user_id bigint, note short, amount numeric,"
            + " mood mood, home place, tags text[])",
        "create table ledger(a int, b int not null, v text)",
        "alter table ledger replica identity full",
        "create table pairs(a int primary key, b int not null unique, v text, n int)",
        "create table app.items(id uuid primary key, name varchar(40), added timestamptz,"
            + " price money, data jsonb, raw bytea)",
        "create table app.notes(id int primary key, big text, moods mood[], at date, f float8)",
        "alter table app.notes alter column big set storage external",
        "create table parted(id int primary key, v text, big text) partition by range (id)",
        "create table parted_0 partition of parted for values from (0) to (1000000)",
        "create table parted_1 partition of parted for values from (1000000) to (2000000)",
        "create table parted_rest partition of parted default",
        "create table lone(id int primary key, v text)",
        "insert into users select i, 'user ' || i, i, repeat(md5(i::text), 100)"
            + " from generate_series(-50, -1) i",
        "insert into ledger select i, i, 'entry ' || i from generate_series(-20, -1) i",
        "insert into pairs select i, i, 'pair ' || i, i from generate_series(-20, -1) i",
        "insert into parted select i, 'part ' || i from generate_series(999990, 1000010) i",
        "create publication pub for table users, orders, ledger, pairs, app.items, app.notes, parted"
            + " with (publish_via_partition_root = "
            + settings.viaRoot()
            + ")");
  }
}
