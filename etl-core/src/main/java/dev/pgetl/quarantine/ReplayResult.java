package dev.pgetl.quarantine;

/**
 * What a replay has achieved.
 *
 * @param replayed how many events the destination has taken; they have left the quarantine
 * @param left how many are still in quarantine: events that were refused again, and those of the
 *     same keys behind them
 */
public record ReplayResult(int replayed, int left) {}
