package dev.pgetl.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.PipelineStore;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** The steps that the contracts of stores share. */
final class Stores {
  private static final Set<ErrorKind> STORE_KINDS =
      EnumSet.of(ErrorKind.STORE_UNAVAILABLE, ErrorKind.STORE_CORRUPT, ErrorKind.STORE_LOCKED);
  private static final int LIMIT_SECONDS = 60;

  private Stores() {}

  /** Ends the process and starts it again. */
  static PipelineStore restart(StoreContract contract, PipelineStore store) {
    contract.closeStore(store);
    return loaded(contract.openStore());
  }

  static PipelineStore loaded(PipelineStore store) {
    store.loadTableSchemas();
    store.loadTableReplicationStates();
    store.loadTableMappings();
    store.loadReplicationProgress();
    store.loadCopyRanges();
    return store;
  }

  /**
   * Lets a write fail and checks what it leaves: what it was before, or all of it; the same in
   * memory after the next load and after a restart.
   *
   * @param write the write
   * @param view what the write changes
   * @param <T> what the view shows
   */
  static <T> void assertFailsWhole(
      StoreContract contract,
      PipelineStore store,
      Consumer<PipelineStore> write,
      Function<PipelineStore, T> view) {
    assumeThat(contract.canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    T before = view.apply(store);

    contract.breakPersistence(true);
    assertThatThrownBy(() -> write.accept(store))
        .as("a write that cannot be made durable must fail")
        .isInstanceOfSatisfying(EtlException.class, e -> assertThat(e.kind()).isIn(STORE_KINDS));
    T afterFailure = view.apply(store);
    contract.breakPersistence(false);

    T afterLoad = view.apply(loaded(store));
    PipelineStore reopened = restart(contract, store);
    T afterRestart = view.apply(reopened);
    assertThat(afterRestart).as("memory and persistent layer agree").isEqualTo(afterLoad);
    if (!afterFailure.equals(before)) {
      assertThat(afterLoad).as("what memory showed after the failure").isEqualTo(afterFailure);
    }
    if (!afterLoad.equals(before)) {
      write.accept(reopened);
      assertThat(view.apply(reopened))
          .as("a write that was done all the same")
          .isEqualTo(afterLoad);
    }
  }

  /** Runs a task in several threads at once, numbered from 0, and fails if one fails. */
  static void inThreads(int threads, IntConsumer task) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        running.add(CompletableFuture.runAsync(() -> task.accept(number), executor));
      }
      for (CompletableFuture<Void> one : running) {
        one.get(LIMIT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a thread failed or did not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      executor.shutdownNow();
    }
  }
}
