package dev.pgetl.testkit.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Broken stores: mistakes in the keeping of the ranges of copies. */
final class CopyStoreMutants {
  private CopyStoreMutants() {}

  static List<StoreMutant> all() {
    return List.of(
        new StoreMutant(
            "ranges read from persistence", "r1_lookUps", RangesReadFromPersistence::new),
        new StoreMutant("unknown ranges are a text", "r1_unknown", UnknownRangesAreText::new),
        new StoreMutant("ranges in memory only", "r2_rangesSurvive", RangesInMemoryOnly::new),
        new StoreMutant(
            "ranges deleted in memory only", "r2_deleted", RangesDeletedInMemoryOnly::new),
        new StoreMutant(
            "loses concurrent ranges", "r2_rangesOfManyThreads", LosesConcurrentRanges::new),
        new StoreMutant("ranges per thread", "r2_otherThreads", RangesPerThread::new),
        new StoreMutant("appends ranges", "r3_theText", AppendsRanges::new),
        new StoreMutant("one line of ranges", "r3_anyCharacters", OneLineOfRanges::new),
        new StoreMutant("ranges in Latin 1", "r3_anyCharacters", RangesInLatin1::new),
        new StoreMutant("cuts ranges", "r3_aLongText", CutsRanges::new),
        new StoreMutant("ranges in memory first", "r4_aFailedText", RangesInMemoryFirst::new),
        new StoreMutant(
            "swallows failures of ranges", "r4_aFailedFirst", SwallowsFailuresOfRanges::new),
        new StoreMutant(
            "deletes ranges in memory first",
            "r4_aFailedDeletion",
            DeletesRangesInMemoryFirst::new),
        new StoreMutant("counts stored texts", "r5_loadingFinds", CountsStoredTexts::new),
        new StoreMutant("loading of ranges merges", "r5_loadingReplaces", LoadingRangesMerges::new),
        new StoreMutant(
            "deletion requires ranges", "r6_deletingIsIdempotent", DeletionRequiresRanges::new),
        new StoreMutant("deletes all ranges", "r6_deletingLeaves", DeletesAllRanges::new),
        new StoreMutant(
            "deletes the table with its ranges", "r6_deletingLeaves", DeletesTheTable::new),
        new StoreMutant("cleanup leaves ranges", "k1_everything", CleanupLeavesRanges::new),
        new StoreMutant("cleanup misses lone ranges", "r6_cleanup", CleanupMissesLoneRanges::new),
        new StoreMutant("cleanup takes all ranges", "r6_cleanup", CleanupTakesAllRanges::new));
  }

  private static final class RangesReadFromPersistence extends ReferenceStore {
    RangesReadFromPersistence(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<String> getCopyRanges(TableId id) {
      synchronized (persistent) {
        persistent.requireWorking();
        return Optional.ofNullable(persistent.copies.get(id));
      }
    }
  }

  private static final class UnknownRangesAreText extends ReferenceStore {
    UnknownRangesAreText(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<String> getCopyRanges(TableId id) {
      return super.getCopyRanges(id).or(() -> Optional.of(""));
    }
  }

  private static final class RangesInMemoryOnly extends ReferenceStore {
    RangesInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      synchronized (persistent) {
        memory.copies.put(id, ranges);
      }
    }
  }

  private static final class RangesDeletedInMemoryOnly extends ReferenceStore {
    RangesDeletedInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void deleteCopyRanges(TableId id) {
      synchronized (persistent) {
        memory.copies.remove(id);
      }
    }
  }

  private static final class LosesConcurrentRanges extends ReferenceStore {
    LosesConcurrentRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      Map<TableId, String> copy;
      synchronized (persistent) {
        copy = new HashMap<>(persistent.copies);
      }
      LockSupport.parkNanos(100_000);
      copy.put(id, ranges);
      synchronized (persistent) {
        persistent.copies = copy;
        memory.copies.put(id, ranges);
      }
    }
  }

  private static final class RangesPerThread extends ReferenceStore {
    private final ThreadLocal<Map<TableId, String>> seen = ThreadLocal.withInitial(HashMap::new);

    RangesPerThread(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<String> getCopyRanges(TableId id) {
      return super.getCopyRanges(id).map(ranges -> seen.get().computeIfAbsent(id, key -> ranges));
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      super.storeCopyRanges(id, ranges);
      seen.get().put(id, ranges);
    }
  }

  private static final class AppendsRanges extends ReferenceStore {
    AppendsRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      write(layer -> layer.copies.merge(id, ranges, String::concat));
    }
  }

  private static final class OneLineOfRanges extends ReferenceStore {
    OneLineOfRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      super.storeCopyRanges(id, ranges.lines().findFirst().orElse(""));
    }
  }

  private static final class RangesInLatin1 extends ReferenceStore {
    RangesInLatin1(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      super.storeCopyRanges(id, new String(ranges.getBytes(ISO_8859_1), ISO_8859_1));
    }
  }

  private static final class CutsRanges extends ReferenceStore {
    CutsRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      super.storeCopyRanges(id, ranges.substring(0, Math.min(ranges.length(), 0xFFFF)));
    }
  }

  private static final class RangesInMemoryFirst extends ReferenceStore {
    RangesInMemoryFirst(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      synchronized (persistent) {
        memory.copies.put(id, ranges);
        super.storeCopyRanges(id, ranges);
      }
    }
  }

  private static final class SwallowsFailuresOfRanges extends ReferenceStore {
    SwallowsFailuresOfRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      synchronized (persistent) {
        if (!persistent.broken) {
          super.storeCopyRanges(id, ranges);
        }
      }
    }
  }

  private static final class DeletesRangesInMemoryFirst extends ReferenceStore {
    DeletesRangesInMemoryFirst(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void deleteCopyRanges(TableId id) {
      synchronized (persistent) {
        memory.copies.remove(id);
        super.deleteCopyRanges(id);
      }
    }
  }

  private static final class CountsStoredTexts extends ReferenceStore {
    private int stored;

    CountsStoredTexts(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeCopyRanges(TableId id, String ranges) {
      super.storeCopyRanges(id, ranges);
      stored++;
    }

    @Override
    public int loadCopyRanges() {
      return Math.max(super.loadCopyRanges(), stored);
    }
  }

  private static final class LoadingRangesMerges extends ReferenceStore {
    LoadingRangesMerges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int loadCopyRanges() {
      synchronized (persistent) {
        persistent.requireWorking();
        memory.copies.putAll(persistent.copies);
        return persistent.copies.size();
      }
    }
  }

  private static final class DeletionRequiresRanges extends ReferenceStore {
    DeletionRequiresRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void deleteCopyRanges(TableId id) {
      if (getCopyRanges(id).isEmpty()) {
        throw new EtlException(ErrorKind.CONFIGURATION, "delete ranges: there are none");
      }
      super.deleteCopyRanges(id);
    }
  }

  private static final class DeletesAllRanges extends ReferenceStore {
    DeletesAllRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void deleteCopyRanges(TableId id) {
      write(layer -> layer.copies.clear());
    }
  }

  private static final class DeletesTheTable extends ReferenceStore {
    DeletesTheTable(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void deleteCopyRanges(TableId id) {
      cleanupTableState(id);
    }
  }

  private static final class CleanupLeavesRanges extends ReferenceStore {
    CleanupLeavesRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      synchronized (persistent) {
        Optional<String> ranges = getCopyRanges(id);
        super.cleanupTableState(id);
        ranges.ifPresent(kept -> storeCopyRanges(id, kept));
      }
    }
  }

  private static final class CleanupMissesLoneRanges extends ReferenceStore {
    CleanupMissesLoneRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      if (getTableReplicationState(id).isPresent()) {
        super.cleanupTableState(id);
      }
    }
  }

  private static final class CleanupTakesAllRanges extends ReferenceStore {
    CleanupTakesAllRanges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      super.cleanupTableState(id);
      write(layer -> layer.copies.clear());
    }
  }
}
