package dev.pgetl.it.failover;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A pipeline that reads from the primary of a pair, whichever that is. */
final class FailoverScene extends PairScene<FailoverScene> {
  static final String SLOT = "pgetl_apply_it";

  private FailoverScene(ServerPair servers) {
    super(servers, Duration.ZERO);
  }

  static FailoverScene start() {
    return new FailoverScene(ServerPair.start(TABLES));
  }

  @Override
  FailoverScene self() {
    return this;
  }

  @Override
  PgConnectionConfig connection() {
    return servers().connection();
  }

  /** A second table, published from the next start on. */
  FailoverScene publishAnother() {
    publish(5_000, 100);
    return this;
  }

  FailoverScene run(Destination target, UnaryOperator<PipelineConfig.Builder> options)
      throws InterruptedException {
    create(connection(), target, options).start();
    return awaitReady();
  }

  /** Delivers some rows whose position is not stored when the process is gone. */
  void dieAfterDelivering(String name, int count) {
    destination().on(Operation.EVENTS).accept();
    destination().on(Operation.FLUSH).reject(ErrorKind.DESTINATION_UNAVAILABLE);
    deliver(name, count);
    pipeline().close();
    destination().repair();
  }

  void deliver(String name, int count) {
    long before = changes();
    insert(name, count);
    destination().await("delivered", recorded -> changes() >= before + count);
  }

  long changes() {
    return destination().calls(Operation.EVENTS).stream()
        .map(Call::events)
        .mapToLong(List::size)
        .sum();
  }

  /** Another client moves the slot on the server that is the primary now. */
  FailoverScene readByAnother() {
    servers()
        .database()
        .execute("select pg_replication_slot_advance('" + SLOT + "', pg_current_wal_flush_lsn())");
    return this;
  }

  EtlException refused(ErrorKind kind) {
    return refused(kind, destination(), options -> options);
  }

  /** A new pipeline does not start. */
  EtlException refused(
      ErrorKind kind, Destination target, UnaryOperator<PipelineConfig.Builder> options) {
    return refused(kind, create(connection(), target, options));
  }

  @Override
  public void close() {
    super.close();
    servers().close();
  }
}
