package dev.pgetl.spring;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.store.Standby;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;
import org.springframework.util.unit.DataSize;

/**
 * The settings {@code pgetl.*}. What is null has the default of the builder that has the setting.
 *
 * @param enabled Whether pipelines run.
 * @param id Name of the pipeline, part of its slots' names: 1 to 40 lower-case letters, digits and
 *     underscores. A new name is a new pipeline, which copies everything again.
 * @param publication Publication to replicate, as in the catalogue.
 * @param source The Postgres server to read from.
 * @param store Where the pipeline keeps its state.
 * @param batch How calls of the destination are made up.
 * @param copy How existing rows are copied.
 * @param stream What is streamed, and how.
 * @param run How the pipeline runs, ends and starts again.
 * @param health What is reported as unhealthy.
 */
@ConfigurationProperties("pgetl")
public record PgetlProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable String id,
    @Nullable String publication,
    @DefaultValue Source source,
    @DefaultValue Store store,
    @DefaultValue Batch batch,
    @DefaultValue Copy copy,
    @DefaultValue Stream stream,
    @DefaultValue Run run,
    @DefaultValue Health health) {

  /**
   * Where to read from.
   *
   * @param url JDBC URL of the server itself, not of a pooler; default the application's connection
   *     (spring.datasource.url). A URL of its own takes no other setting of the application's
   *     connection.
   * @param username Role, which may log in and replicate; default that of the URL or of the
   *     application's connection.
   * @param password Password of the role.
   * @param trustedRootCerts PEM file with the authorities to trust, for example file:/etc/ca.pem.
   *     Connections are encrypted then, and certificate and host name are verified.
   * @param connectTimeout How long to wait for a connection; default 10 seconds.
   * @param statusInterval How often the stream reports its position at least; default 1 second.
   * @param walSenderTimeout How long either side waits for a sign of life; default 30 seconds.
   * @param lockTimeout How long a copy waits for its table lock; default 30 seconds.
   */
  public record Source(
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @Nullable Resource trustedRootCerts,
      @Nullable Duration connectTimeout,
      @Nullable Duration statusInterval,
      @Nullable Duration walSenderTimeout,
      @Nullable Duration lockTimeout) {
    @Override
    public String toString() {
      return "Source[redacted]";
    }
  }

  /**
   * Where state is kept.
   *
   * @param folder Folder for the state, instead of a Postgres database. With several pipelines each
   *     has a folder of its id in it.
   * @param url JDBC URL of a Postgres database for the state; default the application's connection
   *     if it is one, otherwise the source.
   * @param username Role; default that of the URL or of the application's connection.
   * @param password Password of the role.
   * @param trustedRootCerts PEM file with the authorities to trust. The connection is encrypted
   *     then.
   * @param schema Schema of the tables; default pgetl.
   * @param migrate Whether the tables are created and upgraded by the pipeline; default true.
   */
  public record Store(
      @Nullable Path folder,
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @Nullable Resource trustedRootCerts,
      @Nullable String schema,
      @Nullable Boolean migrate) {
    @Override
    public String toString() {
      return "Store[redacted]";
    }
  }

  /**
   * Calls of the destination.
   *
   * @param maxSize Most rows or events in a batch; default 10000.
   * @param maxBytes Most bytes in a batch; default 8MB.
   * @param maxFill How long a batch waits for more; default 0, not at all.
   * @param maxAcceptedAge How long accepted data stays without a flush; default 5 seconds.
   */
  public record Batch(
      @Nullable Integer maxSize,
      @Nullable DataSize maxBytes,
      @Nullable Duration maxFill,
      @Nullable Duration maxAcceptedAge) {}

  /**
   * Copies of existing rows.
   *
   * @param maxTableSyncWorkers How many sync workers copy tables; default 4. Each needs a slot and
   *     a WAL sender.
   * @param maxTablesPerSyncWorker How many small tables one worker copies together; default 64.
   * @param maxConnectionsPerTable How many connections copy one table; default 2.
   */
  public record Copy(
      @Nullable Integer maxTableSyncWorkers,
      @Nullable Integer maxTablesPerSyncWorker,
      @Nullable Integer maxConnectionsPerTable) {}

  /**
   * The stream.
   *
   * @param publicationRefreshInterval How often the publication is read again; default 30 seconds.
   * @param messagePrefixes Prefixes of the logical messages that are events; default none.
   * @param binary Whether values are requested in binary format; default false.
   * @param invalidatedSlotBehavior What to do when changes are gone; default error.
   * @param failoverSlots Whether slots are failover slots; default auto.
   * @param acceptUnknownDivergence Whether to continue with a promoted server if it is unknown
   *     whether it has all that was delivered; default false.
   */
  public record Stream(
      @Nullable Duration publicationRefreshInterval,
      @Nullable Set<String> messagePrefixes,
      @Nullable Boolean binary,
      @Nullable InvalidatedSlotBehavior invalidatedSlotBehavior,
      @Nullable FailoverSlots failoverSlots,
      @Nullable Boolean acceptUnknownDivergence) {}

  /**
   * The life of the pipeline.
   *
   * @param maxBufferedBytes Most bytes of rows and events held; default a quarter of the heap, at
   *     most 256MB.
   * @param standby What the pipeline does while another process owns it; default auto, it waits for
   *     its turn if the store is a Postgres database.
   * @param tableErrorRetryDelay Wait before the first retry; default 10 seconds.
   * @param tableErrorRetryMaxAttempts How many retries are made in a row; default 5.
   * @param shutdownTimeout How long a shutdown waits for calls of the destination; default 5
   *     seconds. A stop takes at most twice as long, and 10 seconds.
   * @param firstRestartDelay Wait before a pipeline that has failed starts again.
   * @param longestRestartDelay Longest wait before a pipeline that has failed starts again.
   */
  public record Run(
      @Nullable DataSize maxBufferedBytes,
      Standby.@Nullable Choice standby,
      @Nullable Duration tableErrorRetryDelay,
      @Nullable Integer tableErrorRetryMaxAttempts,
      @Nullable Duration shutdownTimeout,
      @DefaultValue("1s") Duration firstRestartDelay,
      @DefaultValue("1m") Duration longestRestartDelay) {}

  /**
   * What is unhealthy.
   *
   * @param stallLimit How long the pipeline may wait for source, destination or store until it is
   *     DEGRADED.
   * @param livenessStallLimit How long a thread of the pipeline that waits for nothing may make no
   *     progress until the application's liveness is BROKEN.
   */
  public record Health(
      @DefaultValue("10s") Duration stallLimit, @DefaultValue("2m") Duration livenessStallLimit) {}
}
