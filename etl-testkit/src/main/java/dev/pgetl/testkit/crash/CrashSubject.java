package dev.pgetl.testkit.crash;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the crash test needs from the author of a store or a destination. The class needs a
 * constructor without parameters: each process creates one.
 *
 * <p>A store or destination that is {@link AutoCloseable} is closed when a process ends cleanly,
 * which most do not.
 */
public interface CrashSubject {
  /**
   * Opens the store; what an earlier process stored is in it.
   *
   * @param site where
   * @return the store
   */
  PipelineStore openStore(CrashSite site);

  /**
   * Opens the destination; what an earlier process of the same round wrote is in it. Each round has
   * a new source, so it needs a new target: one in the site's directory, or one that the source's
   * port tells from those of other rounds.
   *
   * @param site where
   * @return the destination; empty, as by default, if only the store is to be tested
   */
  default Optional<Destination> openDestination(CrashSite site) {
    return Optional.empty();
  }

  /**
   * {@return the settings the test runs with} By default those it chose itself.
   *
   * @param chosen what the test chose; may be changed and returned
   */
  default PipelineConfig.Builder settings(PipelineConfig.Builder chosen) {
    return chosen;
  }

  /**
   * {@return what a reader of the destination finds in a table now: for each row its values as
   * Postgres writes them, in the order of the columns; null for a null} Called after all processes
   * have ended. Empty, as by default, if there is no destination to read.
   *
   * @param site where
   * @param table the table
   */
  default Optional<List<List<@Nullable String>>> content(CrashSite site, TableSchema table) {
    return Optional.empty();
  }
}
