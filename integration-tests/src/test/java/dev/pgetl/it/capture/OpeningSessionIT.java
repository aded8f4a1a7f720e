package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A session that is being opened holds up the others: they wait for the proof of ownership. */
class OpeningSessionIT {
  private static final String OURS =
      "from pg_stat_activity where datname = current_database() and application_name like 'pgetl/%'";

  @Test
  void isGivenUpSoonIfItsServerFallsSilent() throws Exception {
    try (TestDatabase database = TestPostgres.shared().createDatabase();
        TcpProxy proxy = TcpProxy.to(database.server().host(), database.server().port());
        SourceDatabase source = new SourceDatabase(through(proxy, database), "it", Platform.jvm());
        Connection other = database.connect()) {
      source.own("pgetl_apply_it", (slot, server) -> {});
      database.execute("select pg_terminate_backend(pid) " + OURS);
      await().until(() -> database.value("select count(*) " + OURS).equals("0"));
      takeLock(other);
      CompletableFuture<EtlException> opened =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(EtlException.class, () -> source.openReplication("apply")));
      await()
          .pollInterval(Duration.ofMillis(5))
          .until(
              () ->
                  !database
                      .value("select count(*) " + OURS + " and query like '%advisory%'")
                      .equals("0"));
      long begin = System.nanoTime();
      proxy.halfOpen();

      assertThat(opened.get().kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(40));
    }
  }

  private static PgConnectionConfig through(TcpProxy proxy, TestDatabase database) {
    return database.connection().port(proxy.port()).connectTimeout(Duration.ofSeconds(1)).build();
  }

  /** As another process would. */
  private static void takeLock(Connection other) throws SQLException, NoSuchAlgorithmException {
    byte[] name = "pgetl/it".getBytes(StandardCharsets.UTF_8);
    long key = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name)).getLong();
    try (Statement sql = other.createStatement()) {
      sql.execute("select pg_advisory_lock(" + key + ")");
    }
  }
}
