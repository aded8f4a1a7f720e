package dev.pgetl.it.kills;

/**
 * The figures of copies without a violation.
 *
 * @param copies how many
 * @param kills how often the process was killed
 * @param rows of the tables when the copies began
 * @param again how often a row was read that had been handed over before
 * @param mostAgain the most of them after one kill
 * @param removedRanges how often a range was removed
 * @param removedRows rows that were removed with them
 * @param largestRange rows of the largest of these ranges
 * @param events changes of the large tables that were delivered
 * @param repeated how many of them had been delivered before
 * @param mostRepeated the most of them after one kill
 * @param written rows that were written meanwhile
 * @param seconds how long it took, without making the tables and comparing them
 */
record CopyFigures(
    int copies,
    int kills,
    long rows,
    long again,
    long mostAgain,
    int removedRanges,
    long removedRows,
    long largestRange,
    long events,
    long repeated,
    long mostRepeated,
    long written,
    double seconds) {
  static final CopyFigures NONE = new CopyFigures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  CopyFigures plus(CopyFigures more) {
    return new CopyFigures(
        copies + more.copies,
        kills + more.kills,
        rows + more.rows,
        again + more.again,
        Math.max(mostAgain, more.mostAgain),
        removedRanges + more.removedRanges,
        removedRows + more.removedRows,
        Math.max(largestRange, more.largestRange),
        events + more.events,
        repeated + more.repeated,
        Math.max(mostRepeated, more.mostRepeated),
        written + more.written,
        seconds + more.seconds);
  }
}
