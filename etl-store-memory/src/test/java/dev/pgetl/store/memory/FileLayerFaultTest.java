package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The file layer on a disk that fails at every operation there is, one after the other. */
class FileLayerFaultTest {
  private static final int CHANGES = 60;
  private static final int TOGETHER = 5;

  /** So small that the script of changes compacts the journal several times. */
  private static final long SPARE_BYTES = 500;

  @Test
  void keepsWhatWasAcknowledgedWhenThePowerGoesAtAnyMoment() throws Exception {
    RandomRuns.repeat(20, random -> losePowerAtAnyMoment(random.nextLong()));
  }

  private static void losePowerAtAnyMoment(long seed) {
    List<StoreChange> script = script(seed);
    List<LayerContents> expected = contentsAfterEach(script);
    int operations = operationsOf(script, seed);
    for (int at = 0; at < operations; at++) {
      SimulatedDisk disk = new SimulatedDisk(seed + at);
      disk.failAt(at, SimulatedDisk.Fault.POWER_LOSS);
      int acknowledged = runUntilFailure(disk, script);
      disk.restart();
      assertThat(reopened(disk, at))
          .as("power lost at operation %s", at)
          .isIn(expected.get(acknowledged), expected.get(Math.min(acknowledged + 1, CHANGES)));
    }
  }

  @Test
  void keepsTheFirstOfSeveralChangesWhenThePowerGoesWhileTheyAreWritten() throws Exception {
    RandomRuns.repeat(20, random -> losePowerAmongSeveral(random.nextLong()));
  }

  private static void losePowerAmongSeveral(long seed) {
    List<StoreChange> script = script(seed);
    List<LayerContents> expected = contentsAfterEach(script);
    int operations = CHANGES / TOGETHER + 10;
    for (int at = 0; at < operations; at++) {
      SimulatedDisk disk = new SimulatedDisk(seed + at);
      disk.failAt(at, SimulatedDisk.Fault.POWER_LOSS);
      int acknowledged = runTogetherUntilFailure(disk, script);
      disk.restart();
      assertThat(reopened(disk, at))
          .as("power lost at operation %s", at)
          .isIn(expected.subList(acknowledged, Math.min(acknowledged + TOGETHER, CHANGES) + 1));
    }
  }

  private static LayerContents reopened(SimulatedDisk disk, int at) {
    try {
      return LayerContents.of(FileLayer.open(disk, SPARE_BYTES));
    } catch (EtlException e) {
      throw new AssertionError("power lost at operation " + at, e);
    }
  }

  @Test
  void whatAKilledProcessLeftIsDurableOnceTheNextOneGoesOn() throws Exception {
    RandomRuns.repeat(2, random -> killAtAnyMoment(random.nextLong()));
  }

  private static void killAtAnyMoment(long seed) {
    List<StoreChange> script = script(seed);
    int operations = operationsOf(script, seed);
    for (int at = 0; at < operations; at++) {
      SimulatedDisk disk = new SimulatedDisk(seed + at);
      disk.failAt(at, SimulatedDisk.Fault.POWER_LOSS);
      runUntilFailure(disk, script);
      disk.restartProcess();
      FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
      layer.write(script.get(at % CHANGES));
      LayerContents read = LayerContents.of(layer);
      disk.restart();
      assertThat(LayerContents.of(FileLayer.open(disk, SPARE_BYTES)))
          .as("killed at operation %s", at)
          .isEqualTo(read);
    }
  }

  @Test
  void aFailedWriteIsTakenBack() throws Exception {
    RandomRuns.repeat(
        50,
        random -> {
          SimulatedDisk disk = new SimulatedDisk(random.nextLong());
          FileLayer layer = FileLayer.open(disk, SPARE_BYTES);
          layer.write(new MappingStored(new TableId(1), "kept"));
          LayerContents before = LayerContents.of(layer);
          disk.failAt(0, SimulatedDisk.Fault.FULL);
          assertThatExceptionOfType(EtlException.class)
              .isThrownBy(() -> layer.write(new MappingStored(new TableId(2), "lost")));
          assertThat(LayerContents.of(layer)).isEqualTo(before);
        });
  }

  @Test
  void goesOnAfterAFullDiskWithTheFailedWriteDoneOrNot() throws Exception {
    RandomRuns.repeat(2, random -> fillTheDiskAtAnyMoment(random.nextLong()));
  }

  private static void fillTheDiskAtAnyMoment(long seed) {
    List<StoreChange> script = script(seed);
    SimulatedDisk empty = new SimulatedDisk(seed);
    FileLayer.open(empty, SPARE_BYTES);
    int operations = operationsOf(script, seed) - empty.operations();
    for (int at = 0; at < operations; at++) {
      SimulatedDisk disk = new SimulatedDisk(seed + at);
      FileLayer layer = FileLayer.open(disk, SPARE_BYTES);
      disk.failAt(at, SimulatedDisk.Fault.FULL);
      InMemoryLayer model = new InMemoryLayer();
      for (StoreChange change : script) {
        writeBoth(layer, model, change, "disk full at operation " + at);
      }
      LayerContents reopened = LayerContents.of(FileLayer.open(disk, SPARE_BYTES));
      assertThat(reopened).as("disk full at operation %s", at).isEqualTo(LayerContents.of(model));
    }
  }

  private static void writeBoth(
      FileLayer layer, InMemoryLayer model, StoreChange change, String where) {
    LayerContents before = LayerContents.of(model);
    try {
      layer.write(change);
      model.write(change);
    } catch (EtlException e) {
      assertThat(e.kind()).as(where).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
      LayerContents found = LayerContents.of(layer);
      if (!found.equals(before)) {
        model.write(change);
      }
    }
    assertThat(LayerContents.of(layer)).as(where).isEqualTo(LayerContents.of(model));
  }

  @Test
  void aDiskThatStaysFullFailsEveryWriteAndKeepsTheState() throws Exception {
    RandomRuns.repeat(20, random -> fillTheDiskForGood(random.nextLong()));
  }

  private static void fillTheDiskForGood(long seed) {
    SimulatedDisk disk = new SimulatedDisk(seed);
    FileLayer layer = FileLayer.open(disk, SPARE_BYTES);
    List<StoreChange> script = script(seed);
    script.subList(0, 10).forEach(layer::write);
    LayerContents before = LayerContents.of(layer);
    disk.failAt(0, SimulatedDisk.Fault.POWER_LOSS);
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> layer.write(script.get(10)))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
    }
    disk.restart();
    LayerContents with = contentsAfterEach(script).get(11);
    assertThat(LayerContents.of(layer)).isIn(before, with);
  }

  private static List<StoreChange> script(long seed) {
    RandomChanges changes = new RandomChanges(seed);
    List<StoreChange> script = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      script.add(changes.next());
    }
    return script;
  }

  private static List<LayerContents> contentsAfterEach(List<StoreChange> script) {
    InMemoryLayer model = new InMemoryLayer();
    List<LayerContents> contents = new ArrayList<>();
    contents.add(LayerContents.of(model));
    for (StoreChange change : script) {
      model.write(change);
      contents.add(LayerContents.of(model));
    }
    return contents;
  }

  private static int operationsOf(List<StoreChange> script, long seed) {
    SimulatedDisk disk = new SimulatedDisk(seed);
    assertThat(runUntilFailure(disk, script)).isEqualTo(CHANGES);
    assertThat(disk.operations()).as("some more for compaction").isGreaterThan(CHANGES + 10);
    return disk.operations();
  }

  private static int runUntilFailure(SimulatedDisk disk, List<StoreChange> script) {
    int acknowledged = 0;
    try {
      FileLayer layer = FileLayer.open(disk, SPARE_BYTES);
      for (StoreChange change : script) {
        layer.write(change);
        acknowledged++;
      }
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
    }
    return acknowledged;
  }

  private static int runTogetherUntilFailure(SimulatedDisk disk, List<StoreChange> script) {
    int acknowledged = 0;
    try {
      FileLayer layer = FileLayer.open(disk, SPARE_BYTES);
      for (int from = 0; from < CHANGES; from += TOGETHER) {
        layer.writeAll(script.subList(from, from + TOGETHER));
        acknowledged += TOGETHER;
      }
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
    }
    return acknowledged;
  }
}
