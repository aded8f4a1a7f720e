package dev.pgetl.it.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** A table leaves a publication that is read from a standby. */
class StandbyDepartureIT {
  private static final String OTHER =
      """
      create table other(id bigint generated always as identity primary key, name text);
      alter publication pub add table other;
      """;

  /** A standby shows no transaction that is younger than the last one that has ended. */
  @Test
  void itIsForgottenBehindATransactionThatTheStandbyDoesNotShow()
      throws InterruptedException, SQLException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(16);
    try (StandbyScene scene = StandbyScene.start()) {
      scene.servers().database().execute(OTHER);
      scene.servers().awaitReplayed();
      scene.run();
      TableId users = new TableId(oid(scene));
      try (Connection publisher = scene.servers().database().connect();
          Connection writer = scene.servers().database().connect()) {
        publisher.setAutoCommit(false);
        writer.setAutoCommit(false);
        execute(
            publisher, "alter table other rename to once; alter publication pub drop table users");
        execute(writer, "insert into users(name) values ('late')");
        publisher.commit();
        awaitRefreshes(scene);
        assertThat(scene.store().getTableReplicationState(users)).isPresent();
        writer.commit();
      }
      scene.awaitApplied();
      assertThat(scene.destination().events())
          .filteredOn(Event.Insert.class::isInstance)
          .hasSize(1);
      await("the table is forgotten")
          .atMost(StandbyScene.PATIENCE)
          .until(
              () -> {
                execute(scene, "insert into other(name) values ('later')");
                scene.awaitApplied();
                return scene.store().getTableReplicationState(users).isEmpty();
              });
    }
  }

  private static long oid(StandbyScene scene) {
    return Long.parseLong(
        scene.servers().database().value("select 'users'::regclass::oid::bigint"));
  }

  /** Each shows a name, the first one that the table has left. */
  private static void awaitRefreshes(StandbyScene scene) throws InterruptedException {
    awaitName(scene, "once");
    execute(scene, "alter table once rename to twice");
    awaitName(scene, "twice");
    scene.awaitApplied();
    execute(scene, "alter table twice rename to again");
    awaitName(scene, "again");
    execute(scene, "alter table again rename to other");
    awaitName(scene, "other");
    scene.awaitApplied();
  }

  private static void awaitName(StandbyScene scene, String name) {
    await("a refresh")
        .atMost(StandbyScene.PATIENCE)
        .until(
            () ->
                scene.pipeline().status().tables().values().stream()
                    .anyMatch(table -> table.name().name().equals(name)));
  }

  private static void execute(StandbyScene scene, String sql) {
    scene.servers().database().execute(sql);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
