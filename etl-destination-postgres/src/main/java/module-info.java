/** A destination in Postgres: another database kept equal to the source. */
module dev.pgetl.destination.postgres {
  requires static com.google.errorprone.annotations;
  requires transitive dev.pgetl.core;
  requires java.sql;
  requires static transitive org.jspecify;
  requires org.postgresql.jdbc;
  requires org.slf4j;

  exports dev.pgetl.destination.postgres;
}
