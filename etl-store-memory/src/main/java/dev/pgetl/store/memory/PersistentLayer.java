package dev.pgetl.store.memory;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.store.LeaseStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a {@link MemoryStore} keeps its state in. Implement it to put a pipeline's state into a
 * place of your own; {@link StoreChangeJson} turns changes into text and back.
 *
 * <p>Rules for implementers:
 *
 * <ol>
 *   <li><b>L1</b> {@link #write} is all or nothing, and durable when it returns.
 *   <li><b>L2</b> A {@link #write} that threw has happened completely or not at all; the store
 *       reads the state again before the next write.
 *   <li><b>L3</b> {@link #read} gives the state as a sequence of changes, as short as the layer
 *       likes: the {@link StoreChange.PhaseStored} of a table in the order in which they were
 *       written, at least its last {@value #PHASE_HISTORY}; each schema version, mapping, progress
 *       and text of copy ranges once.
 *   <li><b>L4</b> One process at a time: a layer refuses a second user of the same state with
 *       {@link dev.pgetl.error.ErrorKind#STORE_LOCKED}, or documents that it does not.
 *   <li><b>L5</b> {@link #proveOwnership} fails once the state is another process's or gone, and
 *       changes nothing.
 *   <li><b>L6</b> {@link #diagnose} changes nothing, answers in limited time, and overlaps with
 *       everything.
 * </ol>
 *
 * <p><b>A server that is set back.</b> A layer over a server that may lose what it has
 * acknowledged, as a standby that is promoted may, puts that back when it connects again, before
 * any other write. Later writes would hide the loss: a table that failed would be streamed on after
 * a restart.
 *
 * <p><b>Threads.</b> Writes about different tables and slots come from several threads at once;
 * writes about the same one never overlap. {@link StoreChange.SchemasPruned}, {@link #writeAll} and
 * {@link #read} overlap with nothing. {@link #close} may be called at any time.
 *
 * <p><b>Failures.</b> Throw {@link dev.pgetl.error.EtlException} with a {@code STORE_…} kind. The
 * cache then stays as it was, and the caller of the store gets the exception.
 */
public interface PersistentLayer extends AutoCloseable {

  /** How many phases of a table are kept at least; older ones may be removed. */
  int PHASE_HISTORY = 100;

  /**
   * Makes a change durable.
   *
   * @param change what happened; immutable, may be kept
   */
  void write(StoreChange change);

  /**
   * Makes several changes durable, each as {@link #write} does: a call that threw has kept each
   * completely or not at all, some of them maybe. By default one after the other; a layer whose
   * writes wait for a disk or a server should wait once for all.
   *
   * @param changes what happened, in order; immutable, may be kept
   */
  default void writeAll(List<StoreChange> changes) {
    changes.forEach(this::write);
  }

  /**
   * Reads the whole state.
   *
   * @param sink takes the changes that add up to the state
   */
  void read(Consumer<StoreChange> sink);

  /**
   * Proves that the state is still this process's alone, as {@link
   * dev.pgetl.store.StateStore#proveOwnership} requires. Overlaps with everything. By default a
   * layer proves nothing.
   */
  default void proveOwnership() {}

  /**
   * {@return what is wrong with the layer, or may become so, as {@link
   * dev.pgetl.store.PipelineStore#diagnose} says; empty if nothing is} By default nothing is.
   */
  default List<Finding> diagnose() {
    return List.of();
  }

  /**
   * {@return what decides between several processes that share the state, by the rules of {@link
   * LeaseStore}; empty if only one process can use it} The answer never changes.
   */
  default Optional<LeaseStore> leases() {
    return Optional.empty();
  }

  /** Releases files, connections and locks; idempotent. The layer cannot be used afterwards. */
  @Override
  default void close() {}
}
