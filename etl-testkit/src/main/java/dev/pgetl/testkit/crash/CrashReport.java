package dev.pgetl.testkit.crash;

import java.time.Duration;

/**
 * The result of a crash test that found no violations.
 *
 * @param seed repeats the run
 * @param kills how often the process was killed
 * @param killsAtFailpoints how many of them at the failpoint they were meant for; the rest at
 *     random moments
 * @param serverCrashes how often the server was killed as well
 * @param cutConnections how often connections were cut, by the server or on the way
 * @param events changes delivered
 * @param repeatedEvents how many of them had been delivered before
 * @param rows copied rows delivered
 * @param removedRanges how often the rows of a range were removed, to be copied again
 * @param replacements how often the rows of a copy took the place of those of a table
 * @param tables tables compared
 * @param took how long it took
 */
public record CrashReport(
    long seed,
    int kills,
    int killsAtFailpoints,
    int serverCrashes,
    int cutConnections,
    long events,
    long repeatedEvents,
    long rows,
    long removedRanges,
    long replacements,
    int tables,
    Duration took) {

  CrashReport plus(CrashReport other) {
    return new CrashReport(
        seed,
        kills + other.kills,
        killsAtFailpoints + other.killsAtFailpoints,
        serverCrashes + other.serverCrashes,
        cutConnections + other.cutConnections,
        events + other.events,
        repeatedEvents + other.repeatedEvents,
        rows + other.rows,
        removedRanges + other.removedRanges,
        replacements + other.replacements,
        tables + other.tables,
        took.plus(other.took));
  }
}
