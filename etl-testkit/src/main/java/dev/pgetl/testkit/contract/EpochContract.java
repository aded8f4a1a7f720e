package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.testkit.data.TestTransaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules D17 and D19 of {@link Destination}: a process becomes the owner of the pipeline, maybe
 * not for the first time, and is replaced by another one. Included in {@link DestinationContract}.
 */
public interface EpochContract extends DestinationAccess {
  /** A call that makes one attempt has failed long before; one that waits for more is waiting. */
  Duration WHILE_IT_IS_BROKEN = Duration.ofSeconds(2);

  /** D17: what is durable stays, and more can follow. */
  @Test
  default void d17_anEpochChangesNoRow() {
    Destination destination = started(this);
    destination.beginEpoch(Epoch.endless(1));
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    stream(destination, insert(0x100, "2"));
    destination.beginEpoch(Epoch.endless(7));
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"));
    stream(destination, insert(0x200, "3"));
    assertUsers(
        this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"), List.of("3", "name", "bio"));
  }

  /** D17: what the last owner had accepted is not written over what others have written since. */
  @Test
  default void d17_whatWasAcceptedBeforeNeverAppears() {
    Destination destination = started(this);
    destination.beginEpoch(Epoch.endless(1));
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    WriteResult result = destination.writeEvents(insert(0x100, "2"));
    destination.beginEpoch(Epoch.endless(7));
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
    before.beginEpoch(Epoch.endless(1));
    before.truncateTable(USERS);
    copy(before, USERS, row(USERS, "1", "Ada", "x"));
    Destination next = started(this);
    next.beginEpoch(Epoch.endless(2));
    stream(next, insert(0x100, "2"));
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "name", "bio"));
  }

  /** D19: a destination that makes one attempt in a call need not ask: the pipeline has. */
  @Test
  default void d19_whatTheEpochRefusesHasNoEffect() {
    EndingEpoch epoch = new EndingEpoch();
    Destination destination = beginWithAda(epoch);
    epoch.allow(0);
    EtlException failure = catchThrowableOfType(EtlException.class, () -> bringEda(destination));
    if (epoch.hasRefused()) {
      assertThat(failure).isSameAs(epoch.refusal());
      assertUsers(this, List.of("1", "Ada", "x"));
    } else {
      assertThat(failure).isNull();
    }
    epoch.allow(Long.MAX_VALUE);
    bringEda(destination);
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Eda", "y"));
  }

  /** D19: a process is paused between two attempts, and replaced meanwhile. */
  @Test
  default void d19_noAttemptFollowsTheEndOfTheEpoch() throws InterruptedException {
    assumeThat(canBreakTarget()).isTrue();
    EndingEpoch epoch = new EndingEpoch();
    Destination destination = beginWithAda(epoch);
    breakTarget(true);
    epoch.allow(1);
    FutureTask<@Nullable Void> call = new FutureTask<>(() -> bringEda(destination), null);
    Thread caller = new Thread(call, "call");
    caller.start();
    caller.join(WHILE_IT_IS_BROKEN.toMillis());
    epoch.allow(0);
    breakTarget(false);
    assertThatExceptionOfType(ExecutionException.class)
        .as("a call whose first attempt failed, in an epoch that ended then")
        .isThrownBy(call::get);
    assertUsers(this, List.of("1", "Ada", "x"));
  }

  private Destination beginWithAda(Epoch epoch) {
    Destination destination = started(this);
    destination.beginEpoch(epoch);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    return destination;
  }

  private static void bringEda(Destination destination) {
    stream(destination, TestTransaction.at(0x100).insert(row(USERS, "2", "Eda", "y")).commit());
  }

  private static List<Event> insert(long commitLsn, String id) {
    return TestTransaction.at(commitLsn).insert(row(USERS, id, "name", "bio")).commit();
  }
}
