package dev.pgetl.internal.runtime.order;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asks for one table. Immutable.
 *
 * @param act what
 * @param which the table
 * @param range of its rows; null for all of them
 */
public record TableOrder(Act act, Which which, @Nullable KeyRange range) {
  /** What may be asked for. */
  public enum Act {
    /** The table is copied again. */
    RESYNC,
    /** What has failed is retried without a wait. */
    RETRY,
    /** The destination gets nothing of the table for now. */
    PAUSE,
    /** The destination gets what it has missed, and what follows. */
    RESUME
  }

  /** How the operator names the table. */
  public sealed interface Which {}

  /** By its identity. */
  public record ById(TableId id) implements Which {
    public ById {
      Objects.requireNonNull(id, "table");
    }

    @Override
    public String toString() {
      return id.toString();
    }
  }

  /** By its present name. */
  public record ByName(TableName name) implements Which {
    public ByName {
      Objects.requireNonNull(name, "table");
    }

    @Override
    public String toString() {
      return name.toString();
    }
  }

  /** {@return an order for a table as a whole} */
  public static TableOrder of(Act act, TableId table) {
    return new TableOrder(act, new ById(table), null);
  }

  /** {@return an order for a table as a whole} */
  public static TableOrder of(Act act, TableName table) {
    return new TableOrder(act, new ByName(table), null);
  }

  /** {@return an order to copy a range again} */
  public static TableOrder resync(TableId table, KeyRange range) {
    return new TableOrder(Act.RESYNC, new ById(table), Objects.requireNonNull(range, "range"));
  }

  /** {@return an order to copy a range again} */
  public static TableOrder resync(TableName table, KeyRange range) {
    return new TableOrder(Act.RESYNC, new ByName(table), Objects.requireNonNull(range, "range"));
  }
}
