package dev.pgetl.internal.runtime.worker;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.PipelineStore;
import java.util.Objects;

/**
 * What a pipeline was given: settings and extensions, and its access to Postgres and the JVM.
 *
 * @param config the settings
 * @param store what it remembers
 * @param destination where rows and events go
 * @param listener is notified of what happens
 * @param source where changes come from
 * @param copiers copy the rows that exist already
 * @param platform time, locks and threads
 * @param copyOnly whether it copies the rows that exist already, and nothing else
 */
public record PipelineContext(
    PipelineConfig config,
    PipelineStore store,
    Destination destination,
    PipelineListener listener,
    Source source,
    TableCopier.Factory copiers,
    Platform platform,
    boolean copyOnly) {

  private static final int SLOT_NAMES = 1_000_000_000;

  /** Protects the engine from what the listener throws. */
  public PipelineContext {
    listener = SafeListener.of(listener);
  }

  /** What a pipeline was given that streams. */
  public PipelineContext(
      PipelineConfig config,
      PipelineStore store,
      Destination destination,
      PipelineListener listener,
      Source source,
      TableCopier.Factory copiers,
      Platform platform) {
    this(config, store, destination, listener, source, copiers, platform, false);
  }

  /** {@return the same over another way to the store} */
  public PipelineContext over(PipelineStore other) {
    return new PipelineContext(
        config, other, destination, listener, source, copiers, platform, copyOnly);
  }

  /** {@return the same over another way to the destination} */
  public PipelineContext to(Destination other) {
    return new PipelineContext(config, store, other, listener, source, copiers, platform, copyOnly);
  }

  /** {@return the same for a pipeline that only copies, and keeps nothing} */
  public PipelineContext copyingOnly() {
    return new PipelineContext(
        config, new NoStore(), destination, listener, source, copiers, platform, true);
  }

  /** {@return between a Postgres server and this JVM} */
  public static PipelineContext of(
      PipelineConfig config,
      PipelineStore store,
      Destination destination,
      PipelineListener listener) {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(destination, "destination");
    Objects.requireNonNull(listener, "listener");
    Platform platform = Platform.jvm();
    return of(config, store, destination, listener, source(config, platform), platform);
  }

  /** {@return with a source that is there already} */
  public static PipelineContext of(
      PipelineConfig config,
      PipelineStore store,
      Destination destination,
      PipelineListener listener,
      SourceDatabase source,
      Platform platform) {
    return new PipelineContext(
        config, store, destination, listener, source, () -> new SnapshotCopier(source), platform);
  }

  /** {@return the source; nothing is connected yet} */
  public static SourceDatabase source(PipelineConfig config, Platform platform) {
    return new SourceDatabase(config.pgConnection(), config.id(), config.failoverSlots(), platform);
  }

  /** {@return the slot of the apply worker} */
  public String applySlot() {
    return applySlot(config);
  }

  /** {@return the slot of the apply worker of a pipeline} */
  public static String applySlot(PipelineConfig config) {
    return "pgetl_apply_" + config.id();
  }

  /** {@return what the names of all slots of table sync workers begin with} */
  public String syncSlotPrefix() {
    return "pgetl_sync_" + config.id() + "_";
  }

  /** {@return whether a slot is this pipeline's, by its name} Other ids may begin like its own. */
  public boolean ownsSlot(String name) {
    String prefix = syncSlotPrefix();
    return name.equals(applySlot())
        || (name.startsWith(prefix) && name.substring(prefix.length()).matches("[a-z]?[0-9]+"));
  }

  /**
   * {@return a new name for a slot that ends with its connection} The server may notice the end of
   * an earlier one late.
   *
   * @param kind a letter for what the slot is for
   */
  public String temporarySlot(String kind) {
    return syncSlotPrefix() + kind + platform.random().nextInt(SLOT_NAMES);
  }
}
