package dev.pgetl.it.walk;

/** Why a walk has failed. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What kinds of failure there are. */
  enum Kind {
    /** A table differs, and the pipeline does not say so. */
    SILENT_DIFFERENCE,
    /** The pipeline reports what no step of the walk can cause. */
    FALSE_REPORT,
    /** A table was copied, and no step of the walk is a documented reason. */
    NEEDLESS_COPY,
    /** The pipeline does not come to rest, or a printed fix does not help. */
    NO_REST,
    /** The destination was called against its rules. */
    BROKEN_RULE,
    /** Commits of the source wait for the pipeline, though nothing keeps it from its work. */
    SOURCE_WAITS
  }

  private final Kind kind;

  Failure(Kind kind, String what) {
    super(kind + ": " + what);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
