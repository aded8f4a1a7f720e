package dev.pgetl.spring;

import static dev.pgetl.spring.Connections.set;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.Standby;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * What pipelines of the application have by {@code pgetl.*}, for {@link PipelineDefinition}s.
 * Immutable.
 */
public final class PipelineDefaults {
  private final PgetlProperties properties;
  private final Connections connections;
  private final Stores stores;
  private final List<PipelineCustomizer> customizers;

  PipelineDefaults(
      PgetlProperties properties,
      Connections connections,
      Stores stores,
      List<PipelineCustomizer> customizers) {
    this.properties = properties;
    this.connections = connections;
    this.stores = stores;
    this.customizers = List.copyOf(customizers);
  }

  /**
   * {@return where to read from: the bean of type {@link PgConnectionConfig} if there is one,
   * otherwise {@code pgetl.source.*}, with the application's connection for what they leave out}
   */
  public PgConnectionConfig source() {
    return connections.source();
  }

  /**
   * {@return a builder with all settings of {@code pgetl.*}}
   *
   * @param id names the pipeline
   * @param publication the publication to replicate
   */
  public PipelineConfig.Builder config(String id, String publication) {
    PipelineConfig.Builder builder = PipelineConfig.builder(id, publication, source());
    try {
      builder.batch(batch());
    } catch (IllegalArgumentException e) {
      throw PgetlSettingsException.of(e, "Correct the settings pgetl.batch.*");
    }
    copy(builder);
    stream(builder);
    run(builder);
    customizers.forEach(customizer -> customizer.customize(id, builder));
    return builder;
  }

  /**
   * {@return what makes the store of a pipeline, as {@code pgetl.store.*} say or the bean of type
   * {@link PipelineStore}}
   *
   * @param id the pipeline's id
   */
  public Supplier<PipelineStore> store(String id) {
    return stores.of(id);
  }

  private BatchConfig batch() {
    PgetlProperties.Batch from = properties.batch();
    BatchConfig.Builder builder = BatchConfig.builder();
    set(builder::maxSize, from.maxSize());
    set(builder::maxBytes, bytes(from.maxBytes()));
    set(builder::maxFill, from.maxFill());
    set(builder::maxAcceptedAge, from.maxAcceptedAge());
    return builder.build();
  }

  private void copy(PipelineConfig.Builder builder) {
    PgetlProperties.Copy from = properties.copy();
    set(builder::maxTableSyncWorkers, from.maxTableSyncWorkers());
    set(builder::maxTablesPerSyncWorker, from.maxTablesPerSyncWorker());
    set(builder::maxCopyConnectionsPerTable, from.maxConnectionsPerTable());
  }

  private void stream(PipelineConfig.Builder builder) {
    PgetlProperties.Stream from = properties.stream();
    set(builder::publicationRefreshInterval, from.publicationRefreshInterval());
    set(builder::messagePrefixes, from.messagePrefixes());
    set(builder::binary, from.binary());
    set(builder::invalidatedSlotBehavior, from.invalidatedSlotBehavior());
    set(builder::failoverSlots, from.failoverSlots());
    set(builder::acceptUnknownDivergence, from.acceptUnknownDivergence());
  }

  private void run(PipelineConfig.Builder builder) {
    PgetlProperties.Run from = properties.run();
    set(builder::maxBufferedBytes, bytes(from.maxBufferedBytes()));
    set(builder::tableErrorRetryDelay, from.tableErrorRetryDelay());
    set(builder::tableErrorRetryMaxAttempts, from.tableErrorRetryMaxAttempts());
    set(builder::shutdownTimeout, from.shutdownTimeout());
    set(builder::standby, from.standby() == Standby.OFF ? Standby.OFF : null);
  }

  private static @Nullable Long bytes(@Nullable DataSize size) {
    return size == null ? null : size.toBytes();
  }
}
