package dev.pgetl.internal.verify;

import dev.pgetl.verify.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one key, read in the source and after that in the destination.
 *
 * @param source those of the source; null for none
 * @param target those of the destination; null for none
 * @param settled whether the source was read after all transactions had ended that were open, or in
 *     the middle of a commit, when the destination was read the time before
 * @param applied whether the destination was read after everything was applied that the source had
 *     shown, and while the table was not being copied
 */
record Sighting(
    @Nullable KeyHash source, @Nullable KeyHash target, boolean settled, boolean applied) {

  boolean isEqual() {
    return KeyHash.sameRows(source, target);
  }
}
