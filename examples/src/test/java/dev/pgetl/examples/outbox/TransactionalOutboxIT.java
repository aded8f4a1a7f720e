package dev.pgetl.examples.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.event.EventSequence;
import dev.pgetl.examples.ExampleProcess;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class TransactionalOutboxIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private record Message(EventSequence key, String text) {}

  private final List<Message> calls = new CopyOnWriteArrayList<>();
  @TempDir private Path folder;

  @Test
  void handsOverWhatWasCommitted() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, TransactionalOutbox.class)) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.output().lines())
          .satisfiesExactly(
              line -> assertThat(line).endsWith("{\"ordered\" : 1, \"item\" : \"tea\"}"),
              line -> assertThat(line).endsWith("{\"ordered\" : 3, \"item\" : \"cake\"}"));
    }
  }

  @Test
  void callsAgainWithTheSameKeysAfterAFailure(TestDatabase source) throws InterruptedException {
    source.execute("create table orders (id int primary key)");
    source.execute("insert into orders values (0); create publication pub for table orders");
    TransactionalOutbox outbox = new TransactionalOutbox("orders", this::failOnce);
    try (Pipeline pipeline =
        Pipeline.create(
            TransactionalOutbox.config(source.connectionConfig(), "pub", "orders"),
            new MemoryStore(),
            outbox)) {
      pipeline.start();
      source.execute(
          """
          begin;
          insert into orders values (1);
          select pg_logical_emit_message(true, 'orders', 'first');
          select pg_logical_emit_message(true, 'elsewhere', 'not ours');
          select pg_logical_emit_message(false, 'orders', 'in no transaction');
          delete from orders;
          select pg_logical_emit_message(true, 'orders', 'second');
          commit;
          """);
      assertThat(pipeline.awaitApplied(source.currentLsn(), LIMIT)).isTrue();
    }
    assertThat(calls)
        .extracting(Message::text)
        .containsExactly("first", "second", "first", "second");
    assertThat(calls.subList(2, 4)).isEqualTo(calls.subList(0, 2));
    assertThat(calls.get(1).key()).isGreaterThan(calls.get(0).key());
  }

  private void failOnce(EventSequence key, String text) {
    calls.add(new Message(key, text));
    if (calls.size() == 2) {
      throw new IllegalStateException("the second message cannot be handled");
    }
  }
}
