package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.settle;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rule D20 of {@link Destination}: it says what is wrong with it, and changes nothing. Included
 * in {@link DestinationContract}.
 */
public interface DiagnosisContract extends DestinationAccess {
  /** D20: before the start, too. */
  @Test
  default void d20_aDestinationThatWorksHasNoError() {
    assertThat(openDestination().diagnose()).noneMatch(DiagnosisContract::isError);
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    assertThat(destination.diagnose()).noneMatch(DiagnosisContract::isError);
  }

  private static boolean isError(Finding finding) {
    return finding.severity() == Severity.ERROR;
  }

  /** D20: what was accepted is neither lost nor delivered twice. */
  @Test
  default void d20_aDiagnosisChangesNothing() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    WriteResult result =
        destination.writeEvents(
            TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    List<Finding> found = destination.diagnose();
    settle(destination, result);
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    assertThat(destination.diagnose()).isEqualTo(found);
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
  }
}
