package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;

/** The steps that the contracts of destinations share. */
final class Destinations {
  private Destinations() {}

  /** A process starts. */
  static Destination started(DestinationAccess access) {
    Destination destination = access.openDestination();
    destination.startup();
    return destination;
  }

  static void copy(Destination destination, TableSchema table, TableRow... rows) {
    settle(destination, destination.writeTableRows(table, List.of(rows)));
  }

  static void stream(Destination destination, List<Event> events) {
    settle(destination, destination.writeEvents(events));
  }

  /** Makes durable what was only accepted. */
  static void settle(Destination destination, WriteResult result) {
    if (result == WriteResult.ACCEPTED) {
      destination.flush();
    }
  }

  static void assertUsers(DestinationAccess access, List<?>... rows) {
    assertContent(access, DestinationAccess.USERS, rows);
  }

  static void assertContent(DestinationAccess access, TableSchema table, List<?>... rows) {
    assertThat(new ArrayList<Object>(access.content(table)))
        .containsExactlyInAnyOrder((Object[]) rows);
  }
}
