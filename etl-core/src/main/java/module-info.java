/** Embeddable Postgres change data capture: the public API and the engine. */
@SuppressWarnings("module") // the test kit is not there when this is compiled
module dev.pgetl.core {
  requires static com.google.errorprone.annotations;
  requires java.sql;
  requires jdk.net; // has the socket options of keep-alive
  requires static transitive org.jspecify;
  requires org.postgresql.jdbc;
  requires org.slf4j;

  exports dev.pgetl;
  exports dev.pgetl.config;
  exports dev.pgetl.data;
  exports dev.pgetl.destination;
  exports dev.pgetl.diagnose;
  exports dev.pgetl.error;
  exports dev.pgetl.event;
  exports dev.pgetl.forecast;
  exports dev.pgetl.observe;
  exports dev.pgetl.quarantine;
  exports dev.pgetl.schema;
  exports dev.pgetl.store;
  exports dev.pgetl.verify;
  exports dev.pgetl.wal;

  // The driver makes the socket factories by their names.
  exports dev.pgetl.internal.capture.wire to
      org.postgresql.jdbc;

  // A store and a destination connect in the same way.
  exports dev.pgetl.internal.connect to
      dev.pgetl.destination.postgres,
      dev.pgetl.store.postgres,
      org.postgresql.jdbc;

  // The kit's crash test halts the engine there.
  exports dev.pgetl.internal.failpoint to
      dev.pgetl.testkit;

  // Both sides of a verification hash rows with the same queries.
  exports dev.pgetl.internal.verify.sql to
      dev.pgetl.destination.postgres;

  // The kit makes rows of the text Postgres would send.
  exports dev.pgetl.internal.row to
      dev.pgetl.testkit;
}
