/** A store in Postgres: a persistent layer for the dual-layer store. */
module dev.pgetl.store.postgres {
  requires java.sql;
  requires transitive dev.pgetl.store.memory;
  requires static transitive org.jspecify;
  requires org.postgresql.jdbc;
  requires org.slf4j;

  exports dev.pgetl.store.postgres;
}
