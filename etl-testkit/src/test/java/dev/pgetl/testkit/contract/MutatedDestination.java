package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The contract of destinations, run for the destination a test chose. Surefire does not find it by
 * its name.
 */
class MutatedDestination implements DestinationContract {
  static Function<Target, Destination> factory = ReferenceDestination::new;

  private final Target target = new Target();

  @Override
  public Destination openDestination() {
    return factory.apply(target);
  }

  @Override
  public boolean removesRanges() {
    return true;
  }

  @Override
  public boolean replacesTables() {
    return true;
  }

  @Override
  public boolean answersLastApplied() {
    return true;
  }

  @Override
  public Optional<TableRow> refusedRow() {
    return Optional.of(TestTable.row(USERS, "9", "refused", "x"));
  }

  @Override
  public List<List<@Nullable String>> content(TableSchema table) {
    synchronized (target) {
      return target.content(table);
    }
  }

  @Override
  public boolean canBreakTarget() {
    return true;
  }

  @Override
  public void breakTarget(boolean broken) {
    synchronized (target) {
      target.broken = broken;
    }
  }
}
