package dev.pgetl.testkit.crash;

import dev.pgetl.config.PgConnectionConfig;
import java.nio.file.Path;

/**
 * Where a round of the crash test takes place.
 *
 * @param directory a folder that survives the process; a store or destination may keep its files in
 *     it, in folders of its own
 * @param source the source database, as its superuser
 */
public record CrashSite(Path directory, PgConnectionConfig source) {}
