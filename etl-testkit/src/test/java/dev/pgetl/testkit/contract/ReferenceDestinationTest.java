package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

// tag::destinationContract[]
class ReferenceDestinationTest implements DestinationContract {
  private final Target target = new Target(); // a file, a database, an HTTP receiver, …

  @Override
  public Destination openDestination() {
    return new ReferenceDestination(target);
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
}
// end::destinationContract[]
