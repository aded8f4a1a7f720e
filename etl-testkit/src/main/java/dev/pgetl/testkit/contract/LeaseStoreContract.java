package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.inThreads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The rules O1 to O9 of {@link LeaseStore}, for stores that have leases. Unlike those of other
 * contracts, these tests open several stores at once, as several processes do.
 */
public interface LeaseStoreContract extends StoreContract {
  /** O1: before the first process there is no owner. */
  @Test
  default void o1_atFirstThereIsNoOwner() {
    Lease lease = leases(openStore()).lease();
    assertThat(lease.owner()).isEmpty();
    assertThat(lease.left()).isZero();
    assertThat(lease.isFree()).isTrue();
    assertThat(lease.isGrantable()).isTrue();
  }

  /** O1: every process sees the owner. */
  @Test
  default void o1_allSeeTheOwner() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    Lease granted = take(one, "one", Leases.LONG);
    for (LeaseStore store : List.of(one, other)) {
      Lease seen = store.lease();
      assertThat(seen.owner()).isEqualTo("one");
      assertThat(seen.epoch()).isEqualTo(granted.epoch());
      assertThat(seen.left()).isBetween(Leases.LONG.dividedBy(2), Leases.LONG);
      assertThat(seen.inUse()).isTrue();
      assertThat(seen.isGrantable()).isFalse();
    }
  }

  /** O1: asking changes nothing. */
  @Test
  default void o1_askingChangesNothing() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    Lease granted = take(one, "one", Leases.LONG);
    for (int i = 0; i < 3; i++) {
      assertThat(other.lease().epoch()).isEqualTo(granted.epoch());
    }
    one.renew(Leases.LONG);
  }

  /** O1: a process that reads its state before it asks must not wait for itself. */
  @Test
  default void o1_whatWasReadBeforeIsNoUse() {
    PipelineStore store = openStore();
    assertThat(store.loadReplicationProgress()).isZero();
    assertThat(leases(store).lease().inUse()).isFalse();
    assertThat(take(leases(store), "one", Leases.LONG).inUse()).isTrue();
  }

  /** O2: an owner that is alive keeps its lease until it expires. */
  @Test
  default void o2_aLeaseInUseIsNotGranted() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    Lease granted = take(one, "one", Leases.LONG);
    assertThat(other.take("other", Leases.LONG, other.lease())).isEmpty();
    Lease dead = new Lease("one", granted.epoch(), Duration.ZERO, false);
    assertThat(other.take("other", Leases.LONG, dead)).as("whatever was seen").isEmpty();
    assertThat(other.lease().owner()).isEqualTo("one");
    one.renew(Leases.LONG);
  }

  /** O2: an expired lease is granted although its owner is alive. */
  @Test
  default void o2_anExpiredLeaseIsGranted() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    Lease first = take(one, "one", Leases.SHORT);
    Lease seen = Leases.expired(other);
    assertThat(seen.epoch()).isEqualTo(first.epoch());
    assertThat(other.take("other", Leases.LONG, seen)).isPresent();
    assertThat(other.lease().owner()).isEqualTo("other");
  }

  /** O2: a lease that was renewed or granted meanwhile is not the one that was seen. */
  @Test
  default void o2_whatWasSeenMustStillHold() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    Lease never = other.lease();
    take(one, "one", Leases.SHORT);
    Lease seen = Leases.expired(other);
    one.renew(Leases.LONG);
    assertThat(other.take("other", Leases.LONG, seen)).as("renewed").isEmpty();
    one.giveBack();
    assertThat(other.take("other", Leases.LONG, never)).as("an old epoch").isEmpty();
    assertThat(other.take("other", Leases.LONG, other.lease())).isPresent();
  }

  /** O2: of several one gets it. */
  @Test
  default void o2_ofSeveralOneGetsIt() {
    List<LeaseStore> stores = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      stores.add(leases(openStore()));
    }
    Lease seen = stores.get(0).lease();
    List<Optional<Lease>> granted = Collections.synchronizedList(new ArrayList<>());
    inThreads(4, i -> granted.add(stores.get(i).take("store " + i, Leases.LONG, seen)));
    assertThat(granted).filteredOn(Optional::isPresent).hasSize(1);
  }

  /** O3: epochs grow, whoever was the owner. */
  @Test
  default void o3_everyGrantHasAGreaterEpoch() {
    PipelineStore store = openStore();
    long last = leases(store).lease().epoch();
    for (String owner : List.of("one", "one", "other")) {
      Lease granted = take(leases(store), owner, Leases.LONG);
      assertThat(granted.epoch()).isGreaterThan(last);
      last = granted.epoch();
      leases(store).giveBack();
      closeStore(store);
      store = openStore();
    }
    assertThat(leases(store).lease().epoch()).isEqualTo(last);
  }

  /** O4: the earlier owner writes nothing any more. */
  @Test
  default void o4_anEarlierOwnerCannotWrite() {
    TableId users = new TableId(16384);
    PipelineStore one = openStore();
    take(leases(one), "one", Leases.SHORT);
    Stores.loaded(one).updateTableReplicationState(users, new Init());
    PipelineStore other = openStore();
    LeaseStore others = leases(other);
    assertThat(others.take("other", Leases.LONG, Leases.expired(others))).isPresent();
    Stores.loaded(other).updateTableReplicationState(users, new DataSync());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> one.updateTableReplicationState(users, new Ready()))
          .isInstanceOf(EtlException.class);
    }
    assertThat(Stores.loaded(other).getTableReplicationState(users)).contains(new DataSync());
    other.updateTableReplicationState(users, new Ready());
  }

  /** O5: the epoch stays, and the end moves. */
  @Test
  default void o5_renewingMovesTheEnd() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    Lease granted = take(one, "one", Duration.ofSeconds(10));
    one.renew(Duration.ofMinutes(5));
    Lease seen = other.lease();
    assertThat(seen.epoch()).isEqualTo(granted.epoch());
    assertThat(seen.left()).isGreaterThan(Duration.ofMinutes(4));
  }

  /** O5: an owner that was away for long continues if there is no other. */
  @Test
  default void o5_anExpiredLeaseIsRenewed() {
    TableId users = new TableId(16384);
    PipelineStore one = openStore();
    Lease granted = take(leases(one), "one", Leases.SHORT);
    Stores.loaded(one);
    LeaseStore other = leases(openStore());
    Lease unused = Leases.expired(other);
    leases(one).renew(Leases.LONG);
    assertThat(other.lease().epoch()).isEqualTo(granted.epoch());
    assertThat(other.lease().isExpired()).isFalse();
    one.updateTableReplicationState(users, new Init());
  }

  /** O5: what is another owner's is not renewed, however often that is tried. */
  @Test
  default void o5_aLostLeaseIsNotRenewed() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    take(one, "one", Leases.SHORT);
    Lease granted = other.take("other", Leases.LONG, Leases.expired(other)).orElseThrow();
    Leases.sessionMayBeLost(() -> one.renew(Leases.LONG));
    for (int i = 0; i < 3; i++) {
      Leases.assertLost(() -> one.renew(Leases.LONG));
    }
    assertThat(one.lease().epoch()).as("seen by the earlier owner").isEqualTo(granted.epoch());
    assertThat(other.lease().owner()).isEqualTo("other");
    assertThat(other.lease().epoch()).isEqualTo(granted.epoch());
  }

  /** O6: others have it at once. */
  @Test
  default void o6_whatIsGivenBackIsFree() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    take(one, "one", Leases.LONG);
    one.giveBack();
    one.giveBack();
    Lease seen = other.lease();
    assertThat(seen.isFree()).isTrue();
    assertThat(seen.isGrantable()).isTrue();
    assertThat(other.take("other", Leases.LONG, seen)).isPresent();
  }

  /** O6: a store without its lease writes nothing; with the next one it does. */
  @Test
  default void o6_withoutTheLeaseNothingIsWritten() {
    TableId users = new TableId(16384);
    PipelineStore store = openStore();
    take(leases(store), "one", Leases.LONG);
    Stores.loaded(store).updateTableReplicationState(users, new Init());
    leases(store).giveBack();
    assertThatThrownBy(() -> store.updateTableReplicationState(users, new DataSync()))
        .isInstanceOf(EtlException.class);
    Leases.assertLost(() -> leases(store).renew(Leases.LONG));
    take(leases(store), "one", Leases.LONG);
    Stores.loaded(store).updateTableReplicationState(users, new Ready());
    assertThat(store.rollbackTableReplicationState(users)).isEqualTo(new Init());
  }

  /** O6: an earlier owner gives nothing back. */
  @Test
  default void o6_anEarlierOwnerGivesNothingBack() {
    LeaseStore one = leases(openStore());
    LeaseStore other = leases(openStore());
    take(one, "one", Leases.SHORT);
    assertThat(other.take("other", Leases.LONG, Leases.expired(other))).isPresent();
    try {
      one.giveBack();
    } catch (EtlException e) {
      assertThat(e.kind()).isIn(ErrorKind.STORE_LOCKED, ErrorKind.STORE_UNAVAILABLE);
    }
    assertThat(other.lease().owner()).isEqualTo("other");
    other.renew(Leases.LONG);
  }

  /** O7: it returns although nothing happens. */
  @Test
  default void o7_watchingEnds() throws InterruptedException {
    LeaseStore one = leases(openStore());
    take(one, "one", Leases.LONG);
    for (int i = 0; i < 3; i++) {
      one.watch(Duration.ofMillis(20));
    }
    one.renew(Leases.LONG);
  }

  /** O7: a lost session is noticed, and replaced by the next renewal. */
  @Test
  default void o7_aLostSessionIsNoticed() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    LeaseStore one = leases(openStore());
    Lease granted = take(one, "one", Leases.LONG);
    breakPersistence(true);
    assertThatThrownBy(() -> Leases.watch(one))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
    breakPersistence(false);
    one.renew(Leases.LONG);
    assertThat(one.lease().epoch()).isEqualTo(granted.epoch());
    Leases.assertQuiet(one);
  }

  /** O8: a process that has ended can be overtaken before its lease expires. */
  @Test
  default void o8_theLeaseOfADeadProcessIsGrantable() {
    PipelineStore one = openStore();
    take(leases(one), "one", Leases.LONG);
    closeStore(one);
    LeaseStore other = leases(openStore());
    Lease seen =
        await("the end of the process is noticed").until(other::lease, lease -> !lease.inUse());
    assertThat(seen.owner()).isEqualTo("one");
    assertThat(seen.isExpired()).isFalse();
    assertThat(other.take("other", Leases.LONG, seen)).isPresent();
  }

  /** O9: a process that rehearses keeps no other one from anything. */
  @Test
  default void o9_rehearsingChangesNothing() {
    TableId users = new TableId(16384);
    PipelineStore one = openStore();
    LeaseStore other = leases(openStore());
    other.rehearse();
    assertThat(other.lease().isFree()).as("before the first owner").isTrue();
    Lease granted = take(leases(one), "one", Leases.LONG);
    Stores.loaded(one).updateTableReplicationState(users, new Init());
    other.rehearse();
    assertThat(other.lease().owner()).isEqualTo("one");
    assertThat(other.lease().epoch()).isEqualTo(granted.epoch());
    leases(one).renew(Leases.LONG);
    one.updateTableReplicationState(users, new DataSync());
    closeStore(one);
    Lease seen =
        await("the end of the process is noticed").until(other::lease, lease -> !lease.inUse());
    assertThat(other.take("other", Leases.LONG, seen)).isPresent();
  }

  private static LeaseStore leases(PipelineStore store) {
    return store.leases().orElseThrow(() -> new AssertionError("the store has no leases"));
  }

  private static Lease take(LeaseStore store, String owner, Duration length) {
    Lease granted = store.take(owner, length, store.lease()).orElseThrow();
    assertThat(granted.owner()).isEqualTo(owner);
    return granted;
  }
}
