package dev.pgetl.it.failing;

/** A way in which a table fails. */
enum Way {
  TRUNCATE_REFUSED(Call.TRUNCATE, Answer.REFUSAL),
  TRUNCATE_PUT_OFF(Call.TRUNCATE, Answer.LATER),
  TRUNCATE_HANGS(Call.TRUNCATE, Answer.NONE),
  TRUNCATE_ERROR(Call.TRUNCATE, Answer.ERROR),
  TRUNCATE_BLAMES_ANOTHER(Call.TRUNCATE, Answer.BLAME),
  ROWS_REFUSED(Call.ROWS, Answer.REFUSAL),
  ROWS_PUT_OFF(Call.ROWS, Answer.LATER),
  ROWS_HANG(Call.ROWS, Answer.NONE),
  ROWS_ERROR(Call.ROWS, Answer.ERROR),
  ROWS_BLAME_ANOTHER(Call.ROWS, Answer.BLAME),
  COPIED_REFUSED(Call.COPIED, Answer.REFUSAL),
  COPIED_PUT_OFF(Call.COPIED, Answer.LATER),
  COPIED_HANGS(Call.COPIED, Answer.NONE),
  COPIED_ERROR(Call.COPIED, Answer.ERROR),
  COPIED_BLAMES_ANOTHER(Call.COPIED, Answer.BLAME),
  /** The rows are accepted, and a later flush names the table. */
  FLUSH_REFUSED(Call.FLUSH, Answer.REFUSAL),
  /** The first change that is streamed. */
  EVENTS_REFUSED(Call.EVENTS, Answer.REFUSAL),
  /** The role may not read the table. */
  NO_PRIVILEGE,
  /** Policies hide rows from the role. */
  ROW_SECURITY,
  /** The server cannot print a value: its label was removed from the catalogue. */
  UNREADABLE_VALUE,
  /** The filter of the publication divides by zero. */
  FILTER_RAISES,
  /** The table is dropped once copies have begun. */
  DROPPED,
  /** The table is renamed once copies have begun; it is copied nevertheless. */
  RENAMED,
  /** The table gets a column once copies have begun; it is copied nevertheless. */
  ALTERED;

  /** What is asked of the destination. */
  enum Call {
    TRUNCATE,
    ROWS,
    FLUSH,
    COPIED,
    EVENTS,
    /** Nothing: the source fails. */
    NONE
  }

  /** What the destination does. */
  enum Answer {
    REFUSAL,
    LATER,
    ERROR,
    BLAME,
    /** It never answers; or nothing is asked of it. */
    NONE
  }

  private final Call call;
  private final Answer answer;

  Way() {
    this(Call.NONE, Answer.NONE);
  }

  Way(Call call, Answer answer) {
    this.call = call;
    this.answer = answer;
  }

  Call call() {
    return call;
  }

  Answer answer() {
    return answer;
  }

  /** {@return whether the table is copied in the end} */
  boolean recovers() {
    return this == RENAMED || this == ALTERED;
  }
}
