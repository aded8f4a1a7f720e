package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.row;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rule D17 of {@link Destination}: a process becomes the owner of the pipeline, maybe not for
 * the first time. Included in {@link DestinationContract}.
 */
public interface EpochContract extends DestinationAccess {
  /** D17: what is durable stays, and more can follow. */
  @Test
  default void d17_anEpochChangesNoRow() {
    Destination destination = started(this);
    destination.beginEpoch(1);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    stream(destination, insert(0x100, "2"));
    destination.beginEpoch(7);
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"));
    stream(destination, insert(0x200, "3"));
    assertUsers(
        this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"), List.of("3", "name", "bio"));
  }

  /** D17: what the last owner had accepted is not written over what others have written since. */
  @Test
  default void d17_whatWasAcceptedBeforeNeverAppears() {
    Destination destination = started(this);
    destination.beginEpoch(1);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    WriteResult result = destination.writeEvents(insert(0x100, "2"));
    destination.beginEpoch(7);
    destination.flush();
    if (result == WriteResult.ACCEPTED) {
      assertUsers(this, List.of("1", "Ada", "x"));
    } else {
      assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"));
    }
    stream(destination, insert(0x100, "2"));
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"));
  }

  /** D17: a process that takes over what another one has begun. */
  @Test
  default void d17_anotherProcessContinues() {
    Destination before = started(this);
    before.beginEpoch(1);
    before.truncateTable(USERS);
    copy(before, USERS, row(USERS, "1", "Ada", "x"));
    Destination next = started(this);
    next.beginEpoch(2);
    stream(next, insert(0x100, "2"));
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"));
  }

  private static List<Event> insert(long commitLsn, String id) {
    return TestTransaction.at(commitLsn).insert(row(USERS, id, "name", "bio")).commit();
  }
}
