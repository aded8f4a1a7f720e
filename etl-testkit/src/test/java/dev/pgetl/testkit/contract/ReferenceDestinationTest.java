package dev.pgetl.testkit.contract;

import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import java.util.List;
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
  public List<List<@Nullable String>> content(TableSchema table) {
    synchronized (target) {
      return target.content(table);
    }
  }
}
// end::destinationContract[]
