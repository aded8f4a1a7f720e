package dev.pgetl.store;

/**
 * What a pipeline does while another process owns it: it fails, or it waits for its turn. One of
 * {@link #AUTO}, {@link #OFF} and a {@link LeaseConfig}; the last demands a store with {@linkplain
 * PipelineStore#leases() leases}.
 */
public sealed interface Standby permits LeaseConfig, Standby.Choice {
  /**
   * With a store that has leases it waits, as {@code LeaseConfig.builder().build()} says; with any
   * other store, and in a {@link dev.pgetl.PipelineGroup}, it fails.
   */
  Standby AUTO = Choice.AUTO;

  /**
   * It fails: the start ends with {@code STORE_LOCKED} or {@code SLOT_IN_USE}. No lease is used.
   */
  Standby OFF = Choice.OFF;

  /** Standby without settings. */
  enum Choice implements Standby {
    /** See {@link Standby#AUTO}. */
    AUTO,
    /** See {@link Standby#OFF}. */
    OFF
  }
}
