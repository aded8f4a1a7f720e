package dev.pgetl.internal.capture;

import dev.pgetl.wal.Lsn;

/**
 * What server this is and where its log stands.
 *
 * @param serverVersionNum {@code server_version_num}, for example 150018
 * @param systemIdentifier the cluster, as {@code IDENTIFY_SYSTEM} says
 * @param timeline the cluster's timeline
 * @param currentWal the end of what is flushed of the log
 */
public record SourceFacts(
    int serverVersionNum, String systemIdentifier, int timeline, Lsn currentWal) {}
