package dev.pgetl.internal.verify;

import dev.pgetl.verify.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * What two sightings of a key prove. Each is a look at the source (S), then, after everything that
 * it showed was applied, one at the destination (D): S1 D1 S2 D2. Stateless.
 *
 * <p>Between S1 and S2, rows of one version did not change. D1 had received them, and could not
 * have received a later change: S2 would show it, because a commit is in the stream a moment before
 * it is visible, and S2 has waited for that moment, or has found that no transaction has touched
 * the rows. So D1 must have these rows; if it has others, they differ.
 *
 * <p>Rows that are not there have no version. If S2 has none of the key, D2 has received what
 * removed them; if D1 and D2 are of one version in the destination, nothing was applied to them
 * between. So the destination has rows that the source does not have.
 *
 * <p>If a destination has exactly the rows of a look at the source, they are equal as of that look,
 * whichever was first.
 */
final class Judge {
  /** What is proven. */
  enum Verdict {
    /** The destination had the rows of the source. */
    EQUAL,
    /** It has others, and none are on the way. */
    DIFFERENT,
    /** They changed. */
    UNDECIDED
  }

  private Judge() {}

  static Verdict of(Sighting first, Sighting second) {
    KeyHash source = second.source();
    if (second.isEqual() || KeyHash.sameRows(source, first.target())) {
      return Verdict.EQUAL;
    }
    boolean differ =
        source == null ? isExtra(first, second) : isUnchanged(first, second) && first.applied();
    return differ ? Verdict.DIFFERENT : Verdict.UNDECIDED;
  }

  private static boolean isUnchanged(Sighting first, Sighting second) {
    KeyHash source = second.source();
    return sameVersion(first.source(), source)
        && (second.settled() || (source != null && source.untouched()));
  }

  private static boolean isExtra(Sighting first, Sighting second) {
    return second.settled() && second.applied() && sameVersion(first.target(), second.target());
  }

  private static boolean sameVersion(@Nullable KeyHash one, @Nullable KeyHash other) {
    return one != null
        && other != null
        && KeyHash.sameRows(one, other)
        && one.version() == other.version();
  }
}
