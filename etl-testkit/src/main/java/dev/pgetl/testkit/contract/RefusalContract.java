package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.EventSequence;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The rule for refused calls, D21, for a destination that says that they have no effect. Part of
 * {@link DestinationContract}.
 */
public interface RefusalContract extends DestinationAccess {
  /** D21: a refused call changes nothing, and its other events can come in other calls. */
  @Test
  default void d21_aRefusedCallHasNoEffect() {
    Destination destination = refusing();
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    Optional<EventSequence> before = destination.lastApplied(USERS.id());
    refuse(destination);
    destination.flush();
    assertUsers(this, List.of("1", "Ada", "x"));
    assertThat(destination.lastApplied(USERS.id())).as("the last key").isEqualTo(before);
    stream(destination, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    stream(destination, TestTransaction.at(0x200).update(row(USERS, "1", "A", "x")).commit());
    assertUsers(this, List.of("1", "A", "x"), List.of("2", "Bob", "y"));
  }

  /** D21: what was refused has no effect later either, nor after a restart. */
  @Test
  default void d21_aRefusedCallHasNoEffectLater() {
    Destination destination = refusing();
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    refuse(destination);
    Destination next = started(this);
    stream(next, TestTransaction.at(0x300).insert(row(USERS, "5", "Eve", "z")).commit());
    assertUsers(this, List.of("1", "Ada", "x"), List.of("5", "Eve", "z"));
  }

  private void refuse(Destination destination) {
    EtlException refusal =
        catchThrowableOfType(
            EtlException.class,
            () ->
                destination.writeEvents(
                    TestTransaction.at(0x100)
                        .insert(row(USERS, "2", "Bob", "y"))
                        .insert(refused())
                        .update(row(USERS, "1", "A", "x"))
                        .commit()));
    assertThat(refusal).as("a call with a row that is refused").isNotNull();
    assertThat(refusal.kind()).isIn(ErrorKind.DESTINATION_REJECTED, ErrorKind.SOURCE_DATA);
    assertThat(refusal.retry()).isNotEqualTo(RetryDirective.TIMED);
    assertThat(refusal.tableOid()).hasValue(USERS.id().oid());
  }

  private TableRow refused() {
    return refusedRow().orElseThrow();
  }

  private Destination refusing() {
    Destination destination = started(this);
    assumeThat(destination.refusesWholeCalls()).as("refused calls have no effect").isTrue();
    assumeThat(refusedRow()).as("a row that is refused").isPresent();
    return destination;
  }
}
