package dev.pgetl.it.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.EtlException;
import dev.pgetl.it.Scenario;
import dev.pgetl.it.ServerSide;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fix of each failure of a store makes source and destination equal. */
class StoreAdviceIT {
  private final Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);

  @AfterEach
  void close() {
    scenario.close();
  }

  @Test
  void rowsThatAreDamagedAreDeleted() throws InterruptedException {
    try (Neighbours neighbours = inSchema(PostgresLayer.DEFAULT_SCHEMA)) {
      run(postgres(scenario.source(), "it"));
      scenario
          .source()
          .execute(
              "update pgetl.table_phase set change = '{}' where pipeline_id = (select id from pgetl.pipeline where name = 'it')");
      scenario.source().execute(Advice.sql(refused(() -> postgres(scenario.source(), "it")).fix()));
      run(postgres(scenario.source(), "it"));
      assertCopiedAgain();
      neighbours.assertUntouched();
    }
  }

  /** The others of this schema have lost their state, too; those of another have not. */
  @Test
  void tablesThatAreDamagedAreSetAside() throws InterruptedException {
    run(postgres(scenario.source(), "it"));
    try (Neighbours neighbours = inSchema("elsewhere")) {
      scenario.source().execute("drop table pgetl.table_phase");
      scenario.source().execute(Advice.sql(refused(() -> postgres(scenario.source(), "it")).fix()));
      run(postgres(scenario.source(), "it"));
      assertCopiedAgain();
      neighbours.assertUntouched();
    }
  }

  private Neighbours inFolder(Path folder) throws InterruptedException {
    return Neighbours.of(
        scenario.source(), id -> new MemoryStore(FileLayer.open(folder.resolve(id))));
  }

  @Test
  void aDirectoryThatIsDamagedIsMovedAway(@TempDir Path folder)
      throws InterruptedException, IOException {
    Path state = folder.resolve("it");
    run(new MemoryStore(FileLayer.open(state)));
    try (Neighbours neighbours = inFolder(folder)) {
      Path journal = state.resolve("journal");
      Files.writeString(journal, Files.readString(journal).replaceFirst("Ready", "ready"));
      assertThat(refused(() -> new MemoryStore(FileLayer.open(state))).fix())
          .contains("Otherwise move the directory away and start again");
      Files.move(state, folder.resolve("away"));
      run(new MemoryStore(FileLayer.open(state)));
      assertCopiedAgain();
      neighbours.assertUntouched();
    }
  }

  @Test
  void aDirectoryWhoseFilesAreLostIsRemoved(@TempDir Path folder)
      throws InterruptedException, IOException {
    Path state = folder.resolve("it");
    scenario.source().execute("insert into users(name, age) values ('deleted', 1)");
    try (Neighbours neighbours = inFolder(folder)) {
      try (MemoryStore store = new MemoryStore(FileLayer.open(state))) {
        scenario.store(store).start().awaitReady();
        Files.delete(state.resolve("journal"));
        EtlException failure =
            catchThrowableOfType(
                EtlException.class, () -> scenario.pipeline().awaitTermination(Scenario.PATIENCE));
        assertThat(failure.fix()).contains("If it is lost, remove the directory and start");
      }
      scenario.source().execute("delete from users");
      Files.delete(state.resolve("lock"));
      Files.delete(state);
      ServerSide.awaitFreeSlots(scenario);
      run(new MemoryStore(FileLayer.open(state)));
      assertCopiedAgain();
      neighbours.assertUntouched();
    }
  }

  private Neighbours inSchema(String schema) throws InterruptedException {
    return Neighbours.of(
        scenario.source(),
        id ->
            new MemoryStore(
                PostgresLayer.builder(scenario.source().connectionConfig(), id)
                    .schema(schema)
                    .build()));
  }

  private static MemoryStore postgres(TestDatabase database, String id) {
    return new MemoryStore(PostgresLayer.builder(database.connectionConfig(), id).build());
  }

  /** Runs the pipeline over a store until both sides are equal; then the source changes again. */
  private void run(MemoryStore store) throws InterruptedException {
    try (store) {
      scenario.source().execute("insert into users(name, age) values ('before', 1)");
      scenario.store(store).start().awaitReady();
      scenario.source().execute("insert into users(name, age) values ('after', 1)");
      scenario.awaitApplied().stop();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "orders", "sentinel");
    }
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute("delete from users where name = 'before'");
  }

  /** {@return why the pipeline does not start over a store} */
  private EtlException refused(Callable<MemoryStore> store) {
    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () -> {
              try (MemoryStore opened = store.call()) {
                scenario.store(opened).start();
              }
            });
    assertThat(failure).isNotNull();
    return failure;
  }

  private void assertCopiedAgain() {
    assertThat(scenario.destination().truncations("users")).isEqualTo(2);
  }
}
