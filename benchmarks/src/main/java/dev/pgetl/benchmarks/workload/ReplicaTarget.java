package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.SubscriptionClient;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.testkit.postgres.TestDatabase;

/** A database in the second server with the tables of a dataset, for one run. */
final class ReplicaTarget implements AutoCloseable {
  private final TestDatabase database;

  ReplicaTarget(Lab lab, Dataset dataset) {
    database = lab.createSubscriberDatabase();
    dataset.create(database);
  }

  TestDatabase database() {
    return database;
  }

  /** {@return the task, for a client that writes here} */
  Task in(Task task) {
    return task.with(Setting.SUBSCRIBER_PORT, database.server().port())
        .with(Setting.SUBSCRIBER_DATABASE, database.name());
  }

  /**
   * Checks that the rows are those of the source.
   *
   * @param name of the run
   * @param expected the digest of the source
   */
  void requireEqual(String name, Dataset dataset, String expected) {
    String digest = dataset.digest(database);
    if (!digest.equals(expected)) {
      throw new IllegalStateException(
          "%s: the destination has %s, the source %s".formatted(name, digest, expected));
    }
  }

  /** The slot of a subscription stays. */
  @Override
  public void close() {
    boolean subscribed =
        !database
            .query(
                "select 1 from pg_subscription s join pg_database d on d.oid = s.subdbid where d.datname = current_database()")
            .isEmpty();
    if (subscribed) {
      database.execute(
          """
          alter subscription %1$s disable;
          alter subscription %1$s set (slot_name = none);
          drop subscription %1$s;
          """
              .formatted(SubscriptionClient.SUBSCRIPTION));
    }
    database.close();
  }
}
