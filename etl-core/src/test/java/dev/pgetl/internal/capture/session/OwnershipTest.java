package dev.pgetl.internal.capture.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.OneThreadPlatform;
import dev.pgetl.random.RandomRuns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Two processes and the advisory lock of a pipeline that both want. */
class OwnershipTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final OneThreadPlatform platform = new OneThreadPlatform();
  private final ModelLock lock = new ModelLock();
  private final Ownership first = new Ownership("it", platform);
  private final Ownership second = new Ownership("it", platform);

  private static void noProofExpected() {
    throw new AssertionError("another session is left, so nothing has to be proven");
  }

  private ModelLock.Session begun() {
    ModelLock.Session session = lock.connect("first");
    first.begin(session, PATIENCE);
    return session;
  }

  private ModelLock.Session joined() {
    ModelLock.Session session = lock.connect("first");
    first.join(session, OwnershipTest::noProofExpected);
    return session;
  }

  private void assertRefused(Runnable attempt, String owner) {
    EtlException refusal = catchThrowableOfType(EtlException.class, attempt::run);
    assertThat(refusal).isNotNull();
    assertThat(refusal.kind()).isEqualTo(ErrorKind.SLOT_IN_USE);
    assertThat(refusal.summary()).contains("pipeline it").contains(owner);
  }

  @Test
  void aNewcomerIsRefusedUntilTheOwnersLastSessionHasEnded() {
    ModelLock.Session one = begun();
    ModelLock.Session two = joined();
    one.end();
    long since = platform.nanos();
    assertRefused(() -> second.begin(lock.connect("second"), PATIENCE), "first");
    assertThat(platform.nanos() - since).isBetween(PATIENCE.toNanos(), PATIENCE.toNanos() * 2);
    assertThat(second.hasBegun()).isFalse();
    assertThat(joined().isHolding()).isTrue();

    two.end();
    lock.sessions().forEach(ModelLock.Session::end);
    second.begin(lock.connect("second"), PATIENCE);

    assertThat(second.hasBegun()).isTrue();
    assertRefused(
        () -> first.join(lock.connect("first"), OwnershipTest::noProofExpected), "second");
  }

  @Test
  void aNewcomerWaitsForAPredecessorThatIsLeaving() {
    ModelLock.Session leaving = begun();
    endsAfter(leaving, 10);
    second.begin(lock.connect("second"), PATIENCE);
    assertThat(second.hasBegun()).isTrue();
  }

  private ModelLock.Session begunUntil(AtomicBoolean over) {
    ModelLock.Session session = lock.connect("first");
    first.begin(
        session,
        PATIENCE,
        () -> {
          if (over.get()) {
            throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "the lease is over");
          }
          return false;
        });
    return session;
  }

  /** Its lease has expired: the one that has ended its sessions is about to take the lock. */
  @Test
  void aProcessWhoseLeaseIsOverDoesNotReturnWhenItsLastSessionHasEnded() {
    AtomicBoolean over = new AtomicBoolean();
    ModelLock.Session session = begunUntil(over);
    session.end();
    over.set(true);

    ModelLock.Session next = lock.connect("first");
    assertThatThrownBy(() -> first.join(next, () -> {})).hasMessageContaining("the lease is over");
    assertThat(next.isHolding()).isFalse();
  }

  /** It would wait for the new owner's sessions, and hold the lock in between. */
  @Test
  void aProcessWhoseLeaseIsOverDoesNotAskForTheLock() {
    AtomicBoolean over = new AtomicBoolean();
    begunUntil(over).end();
    second.begin(lock.connect("second"), PATIENCE);
    over.set(true);

    ModelLock.Session back = lock.connect("first");
    lock.meanwhile(() -> fail("the server is asked"));
    assertThatThrownBy(() -> first.join(back, () -> {})).hasMessageContaining("the lease is over");
    assertThatThrownBy(first::requireMandate).hasMessageContaining("the lease is over");
  }

  /** It waits for one that tries, and its lease expires meanwhile. */
  @Test
  void aProcessWhoseLeaseExpiresWhileItWaitsForTheLockWaitsNoLonger() {
    AtomicBoolean over = new AtomicBoolean();
    ModelLock.Session session = begunUntil(over);
    ModelLock.Session newcomer = lock.connect("second");
    session.end();
    assertThat(newcomer.tryExclusive()).isTrue();
    lock.meanwhile(() -> over.set(true));

    long since = platform.nanos();
    ModelLock.Session next = lock.connect("first");
    assertThatThrownBy(() -> first.join(next, () -> {})).hasMessageContaining("the lease is over");
    assertThat(platform.nanos() - since).isLessThan(Duration.ofSeconds(1).toNanos());
    assertThat(next.isHolding()).isFalse();
  }

  /** Its sessions were ended by the one that took over, and it does not know that yet. */
  @Test
  void aPredecessorThatComesBackDoesNotKeepTheOwnersNextSessionOut() {
    begun().end();
    second.begin(lock.connect("second"), PATIENCE);
    ModelLock.Session back = lock.connect("first");
    AtomicBoolean held = new AtomicBoolean();
    List<ModelLock.Session> owners = new ArrayList<>();
    lock.meanwhile(
        () -> {
          held.compareAndSet(false, back.isHolding());
          if (owners.isEmpty() && held.get() && !back.isHolding()) {
            owners.add(lock.connect("second"));
            second.join(owners.get(0), OwnershipTest::noProofExpected);
          }
        });
    assertRefused(() -> first.join(back, OwnershipTest::noProofExpected), "second");
    assertThat(owners).singleElement().matches(ModelLock.Session::isHolding);
  }

  private void endsAfter(ModelLock.Session leaving, int calls) {
    AtomicInteger left = new AtomicInteger(calls);
    lock.meanwhile(
        () -> {
          if (left.decrementAndGet() == 0) {
            leaving.end();
          }
        });
  }

  @Test
  void oneOfOursThatIsAboutToEndIsWaitedFor() {
    begun();
    ModelLock.Session ending = joined();
    ending.fade();
    endsAfter(ending, 10);
    assertThat(joined().isHolding()).isTrue();
  }

  @Test
  void whoeverCannotBeToldFromAForeignerIsOneInTheEnd() {
    begun();
    joined().fade();
    assertThatThrownBy(this::joined).isInstanceOf(EtlException.class);
  }

  @Test
  void aNumberThatIsUsedAgainIsAnotherSession() {
    begun().end();
    second.begin(lock.connect("second"), PATIENCE);
    assertRefused(
        () -> first.join(lock.connect("first"), OwnershipTest::noProofExpected), "second");
  }

  @Test
  void withNoSessionLeftNoOtherProcessBecomesTheOwnerWhileTheProofRuns() {
    begun().end();
    ModelLock.Session session = lock.connect("first");
    AtomicInteger proofs = new AtomicInteger();
    first.join(
        session,
        () -> {
          proofs.incrementAndGet();
          ModelLock.Session newcomer = lock.connect("second");
          assertRefused(() -> second.begin(newcomer, PATIENCE), "first");
          newcomer.end();
        });
    assertThat(proofs).hasValue(1);
    assertThat(joined().isHolding()).isTrue();
  }

  @Test
  void aProofThatFailsLeavesNothingOwned() {
    begun().end();
    ModelLock.Session unproven = lock.connect("first");
    EtlException failure = new EtlException(ErrorKind.SLOT_LOST, "another one has acted");
    Runnable failing =
        () -> {
          throw failure;
        };
    assertThatThrownBy(() -> first.join(unproven, failing)).isSameAs(failure);

    assertThatThrownBy(this::joined).isInstanceOf(EtlException.class);
    lock.sessions().forEach(ModelLock.Session::end);
    assertThatThrownBy(() -> first.join(lock.connect("first"), failing)).isSameAs(failure);
  }

  /**
   * Between any two calls of one process a session of either ends, or the other process acts. At no
   * time both have a session that counts, and who is not the last owner proves nothing.
   */
  @Test
  void twoProcessesNeverActBoth() throws Exception {
    AtomicInteger joins = new AtomicInteger();
    AtomicInteger proofs = new AtomicInteger();
    AtomicInteger takeovers = new AtomicInteger();
    RandomRuns.repeat(
        300,
        random -> {
          World world = new World(random);
          world.run();
          joins.addAndGet(world.joins);
          proofs.addAndGet(world.proofs);
          takeovers.addAndGet(world.takeovers);
        });
    if (Integer.getInteger("pgetl.runs") == null) {
      assertThat(joins).hasPositiveValue();
      assertThat(proofs).hasPositiveValue();
      assertThat(takeovers).hasPositiveValue();
    }
  }

  /** Two processes that act by turns, in one thread. */
  private static final class World {
    private final RandomGenerator random;
    private final OneThreadPlatform platform = new OneThreadPlatform();
    private final ModelLock lock = new ModelLock();
    private final List<Contender> processes = List.of(new Contender("a"), new Contender("b"));
    private String lastOwner = "";
    private int joins;
    private int proofs;
    private int takeovers;

    World(RandomGenerator random) {
      this.random = random;
      lock.meanwhile(this::meanwhile);
    }

    void run() {
      for (int step = 0; step < 30; step++) {
        meanwhile();
        processes.get(random.nextInt(2)).act();
      }
    }

    private void meanwhile() {
      int choice = random.nextInt(20);
      List<ModelLock.Session> sessions = lock.sessions();
      if (choice < 4 && !sessions.isEmpty()) {
        ModelLock.Session session = sessions.get(random.nextInt(sessions.size()));
        if (choice == 0) {
          session.fade();
        } else if (choice == 1 || !session.isAlive()) {
          session.end();
        }
      } else if (choice == 5) {
        processes.get(random.nextInt(2)).act();
      }
      requireOneActor();
    }

    private void requireOneActor() {
      List<String> acting =
          processes.stream().filter(Contender::mayAct).map(process -> process.name).toList();
      assertThat(acting).hasSizeLessThan(2);
      assertThat(acting).allMatch(lastOwner::equals);
    }

    private final class Contender {
      private final String name;
      private final List<ModelLock.Session> counting = new ArrayList<>();
      private Ownership ownership = new Ownership("it", platform);
      private boolean busy;

      Contender(String name) {
        this.name = name;
      }

      /** Its sessions count until the server has let go of the lock. */
      boolean mayAct() {
        return counting.stream().anyMatch(ModelLock.Session::isHolding);
      }

      void act() {
        if (busy) {
          return;
        }
        busy = true;
        ModelLock.Session session = lock.connect(name);
        try {
          take(session);
          counting.add(session);
        } catch (EtlException e) {
          leave(session);
        } finally {
          busy = false;
        }
        requireOneActor();
      }

      private void take(ModelLock.Session session) {
        if (ownership.hasBegun()) {
          ownership.join(session, this::prove);
          joins++;
        } else {
          ownership.begin(session, Duration.ofSeconds(1));
          takeovers += lastOwner.isEmpty() || lastOwner.equals(name) ? 0 : 1;
          lastOwner = name;
        }
      }

      private void prove() {
        proofs++;
        if (!lastOwner.equals(name)) {
          throw new EtlException(ErrorKind.SLOT_LOST, "another process has acted");
        }
      }

      /** A session that was refused is closed; sometimes the whole process starts again. */
      private void leave(ModelLock.Session session) {
        session.fade();
        if (random.nextInt(3) == 0) {
          counting.clear();
          lock.sessions().stream()
              .filter(each -> each.client().equals(name))
              .forEach(ModelLock.Session::fade);
          ownership = new Ownership("it", platform);
        }
      }
    }
  }
}
