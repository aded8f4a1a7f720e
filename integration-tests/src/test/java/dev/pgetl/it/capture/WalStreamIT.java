package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stream of a slot while the server lives. */
class WalStreamIT {
  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private SourceDatabase source = open(database.connection());

  private static SourceDatabase open(PgConnectionConfig.Builder config) {
    return new SourceDatabase(config.build(), "it", Platform.jvm());
  }

  @BeforeEach
  void createSlot() {
    database.execute(
        "create table t(id int primary key, v text); create publication pub for table t");
    source.createSlot(StreamReader.SLOT);
  }

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @Test
  void deliversTransactionsInOrder() {
    database.execute("insert into t values (1, 'a'); insert into t values (2, 'b'), (3, 'c')");
    try (StreamReader reader = new StreamReader(source)) {
      reader.readCommits(2);
      assertThat(reader.types()).isEqualTo("BRICBIIC");
      assertThat(reader.inserted()).containsExactly("1", "2", "3");
      assertThat(reader.stream().walEnd()).isEqualTo(reader.lastCommitEnd().value());
      assertThat(reader.stream().serverClockMicros()).isPositive();
    }
  }

  @Test
  void quotesAnyNameOfAPublication() {
    database.execute("create publication \"It's \"\"odd\"\", Pub\" for table t");
    String slot = StreamReader.SLOT;
    try (WalStream stream =
        source.openReplication("apply").stream(
            slot, "It's \"odd\", Pub", Lsn.ZERO, ValueFormat.TEXT)) {
      database.execute("insert into t values (1, 'a')");
      await().until(() -> stream.poll(1_000_000) == WalStream.Input.DATA);
    }
  }

  @Test
  void tellsTheServerWhatIsConfirmedSoonWhileIdle() {
    source.close();
    source =
        open(
            database
                .connection()
                .statusInterval(Duration.ofSeconds(20))
                .walSenderTimeout(Duration.ofMinutes(1)));
    try (StreamReader reader = new StreamReader(source)) {
      database.execute("insert into t values (1, 'a')");
      reader.readCommits(1);
      reader.stream().confirm(reader.lastCommitEnd());
      long begin = System.nanoTime();
      reader.readUntil(() -> confirmed().equals(reader.lastCommitEnd()));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void neverConfirmsWhatWasNotReceivedAndNeverGoesBack() {
    try (StreamReader reader = new StreamReader(source)) {
      database.execute("insert into t values (1, 'a')");
      reader.readCommits(1);
      reader.stream().confirm(reader.lastCommitEnd().plus(1 << 30));
      reader.stream().confirm(new Lsn(1));
      reader.readUntil(() -> !confirmed().isBefore(reader.lastCommitEnd()));
      database.execute("insert into t values (2, 'b')");
      reader.readCommits(2);
      assertThat(reader.inserted()).containsExactly("1", "2");
    }
  }

  @Test
  void keepsTheConnectionWhileTheReaderIsHeldBack() {
    source.close();
    source =
        open(
            database
                .connection()
                .statusInterval(Duration.ofMillis(300))
                .walSenderTimeout(Duration.ofSeconds(3)));
    database.execute("insert into t select g, repeat('x', 1000) from generate_series(1, 50000) g");
    try (StreamReader reader = new StreamReader(source)) {
      long end = System.nanoTime() + Duration.ofSeconds(7).toNanos();
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                reader.stream().maintain();
                return System.nanoTime() > end;
              });
      reader.readCommits(1);
      assertThat(reader.inserted()).hasSize(50_000);
    }
  }

  @Test
  void anIdleServerAnswersAPing() {
    try (StreamReader reader = new StreamReader(source)) {
      reader.readUntil(() -> reader.read() == WalStream.Input.NOTHING);
      long before = reader.keepalives();
      reader.stream().requestKeepalive();
      reader.readUntil(() -> reader.keepalives() > before);
      assertThat(reader.stream().silentNanos()).isLessThan(Duration.ofSeconds(4).toNanos());
    }
  }

  @Test
  void readsAVeryLongMessage() {
    database.execute(
        "alter table t alter v set storage external;"
            + " insert into t values (1, repeat('0123456789', 2000000))");
    try (StreamReader reader = new StreamReader(source)) {
      reader.readUntil(() -> reader.types().endsWith("I"));
      assertThat(reader.stream().length()).isGreaterThan(20_000_000);
    }
  }

  @Test
  void closingWakesTheReaderAndFreesTheSlot() throws Exception {
    try (StreamReader reader = new StreamReader(source)) {
      reader.readUntil(() -> reader.read() == WalStream.Input.NOTHING);
      CompletableFuture<WalStream.Input> reading =
          CompletableFuture.supplyAsync(
              () -> {
                while (true) { // a keepalive may come first
                  WalStream.Input unused = reader.stream().poll(Duration.ofSeconds(60).toNanos());
                }
              });
      await().until(() -> source.slot(StreamReader.SLOT).orElseThrow().active());
      reader.stream().close();
      assertThatThrownBy(() -> reading.get(2, TimeUnit.SECONDS))
          .cause()
          .asInstanceOf(InstanceOfAssertFactories.type(EtlException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE))
          .satisfies(e -> assertThat(e).hasMessageContaining("was closed"));
      await().until(() -> !source.slot(StreamReader.SLOT).orElseThrow().active());
    }
  }

  @Test
  void aTerminatedSenderIsAnUnavailableSource() {
    try (StreamReader reader = new StreamReader(source)) {
      reader.readUntil(() -> reader.read() == WalStream.Input.NOTHING);
      database.killWalSender(StreamReader.SLOT);
      assertKind(reader, ErrorKind.SOURCE_UNAVAILABLE, "connection was lost");
    }
  }

  @Test
  void aSlotThatWasDroppedMeanwhileIsLost() {
    try (StreamReader reader = new StreamReader(source)) {
      reader.readUntil(() -> reader.read() == WalStream.Input.NOTHING);
      database.execute(
          """
          select pg_terminate_backend(active_pid, 10000) from pg_replication_slots where slot_name = 's';
          select pg_drop_replication_slot('s');
          """);
      assertKind(reader, ErrorKind.SLOT_LOST, "does not exist any more");
    }
    assertThatThrownBy(() -> new StreamReader(source))
        .asInstanceOf(InstanceOfAssertFactories.type(EtlException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SLOT_LOST));
  }

  @Test
  void aPublicationThatDidNotExistIsMissing() {
    database.execute("drop publication pub; insert into t values (1, 'a')");
    try (StreamReader reader = new StreamReader(source)) {
      assertKind(reader, ErrorKind.PUBLICATION_MISSING, "did not exist");
    }
  }

  @Test
  void anotherReaderHasToWaitForTheSlot() {
    try (SourceDatabase other = open(database.connection());
        StreamReader reader = new StreamReader(source)) {
      reader.readUntil(() -> reader.read() == WalStream.Input.NOTHING);
      assertThatThrownBy(() -> new StreamReader(other))
          .asInstanceOf(InstanceOfAssertFactories.type(EtlException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SLOT_IN_USE));
      database.execute("insert into t values (1, 'a')");
      reader.readCommits(1);
    }
  }

  @Test
  void takesTheSlotFromABrokenStreamOfItsOwn() {
    try (StreamReader broken = new StreamReader(source)) {
      broken.readUntil(() -> broken.read() == WalStream.Input.NOTHING);
      try (StreamReader reader = new StreamReader(source)) {
        database.execute("insert into t values (1, 'a')");
        reader.readCommits(1);
        assertKind(broken, ErrorKind.SLOT_IN_USE, "has taken the slot over");
      }
    }
  }

  @Test
  void anErrorWhileDecodingIsToldWithoutValues() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(
        """
        alter table t replica identity full;
        alter publication pub set table t where (1 / (id - 1) > 0);
        insert into t values (1, 'secret');
        """);
    try (StreamReader reader = new StreamReader(source)) {
      assertKind(reader, ErrorKind.SOURCE_DATA, "22012");
    }
  }

  private void assertKind(StreamReader reader, ErrorKind kind, String text) {
    assertThatThrownBy(() -> reader.readUntil(() -> false))
        .asInstanceOf(InstanceOfAssertFactories.type(EtlException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
        .satisfies(e -> assertThat(e).hasMessageContaining(text))
        .satisfies(e -> assertThat(e.toString()).doesNotContain("secret"));
  }

  private Lsn confirmed() {
    return source.slot(StreamReader.SLOT).orElseThrow().confirmedFlush();
  }
}
