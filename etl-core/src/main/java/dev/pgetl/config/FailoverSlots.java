package dev.pgetl.config;

/**
 * Whether the pipeline's slots are failover slots, which the server copies to its standbys
 * (Postgres 17 and later). A standby that is promoted then has the slots, and the pipeline
 * continues there.
 */
public enum FailoverSlots {
  /** Failover slots wherever the server has them; slots that exist become such slots, too. */
  AUTO,
  /** The same, and a server without failover slots is refused. */
  ON,
  /** Slots are created without; those that exist stay as they are. */
  OFF
}
