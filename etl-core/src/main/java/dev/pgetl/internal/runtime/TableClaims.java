package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.schema.TableId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which pipeline of a group has which table: what one has taken, no other gets until it has
 * released it. Thread-safe.
 */
public final class TableClaims {
  /** A table of any database. */
  private record Place(String cluster, String database, TableId table) {}

  private final ConcurrentMap<Place, PipelineConfig> owners = new ConcurrentHashMap<>();

  /**
   * {@return what one pipeline claims}
   *
   * @param config the pipeline
   * @param cluster its source's system identifier
   */
  Claimant of(PipelineConfig config, String cluster) {
    return new Claimant(config, cluster);
  }

  /** One pipeline's view. Thread-safe. */
  final class Claimant {
    private final PipelineConfig config;
    private final String cluster;
    private final Set<TableId> missed = ConcurrentHashMap.newKeySet();

    private Claimant(PipelineConfig config, String cluster) {
      this.config = config;
      this.cluster = cluster;
    }

    /**
     * Takes the tables with which the pipeline starts.
     *
     * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if others have any of them
     */
    void takeAll(List<PublishedTable> published) {
      List<String> taken =
          published.stream()
              .filter(table -> !take(table.id()))
              .map(table -> table.name() + " of " + owner(table.id()))
              .toList();
      if (!taken.isEmpty()) {
        throw new EtlException(
                ErrorKind.CONFIGURATION,
                "start "
                    + described(config)
                    + " in a group whose other pipelines have the same tables failed: "
                    + String.join(", ", taken))
            .withFix("Leave each table in the publication of one pipeline of the group only");
      }
    }

    /** {@return whether the table is this pipeline's now} */
    boolean take(TableId table) {
      boolean taken = config.equals(owners.computeIfAbsent(place(table), free -> config));
      if (taken) {
        missed.remove(table);
      }
      return taken;
    }

    /** {@return whether this is the first time that the table could not be taken} */
    boolean missed(TableId table) {
      return missed.add(table);
    }

    /** Releases a table, so that another pipeline may take it. */
    void release(TableId table) {
      owners.remove(place(table), config);
    }

    /** {@return who has a table, for messages} */
    String owner(TableId table) {
      PipelineConfig owner = owners.get(place(table));
      return owner == null ? "no pipeline" : described(owner);
    }

    private Place place(TableId table) {
      return new Place(cluster, config.pgConnection().name(), table);
    }
  }

  private static String described(PipelineConfig config) {
    return "pipeline " + config.id() + " (publication \"" + config.publicationName() + "\")";
  }
}
