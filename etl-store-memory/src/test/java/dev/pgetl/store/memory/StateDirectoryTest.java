package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory whose files another program deletes, moves, replaces or makes inaccessible. */
class StateDirectoryTest {
  private static final MappingStored KEPT = new MappingStored(new TableId(1), "kept");
  private static final MappingStored LATER = new MappingStored(new TableId(2), "later");

  @TempDir private Path parent;
  private Path state;

  @BeforeEach
  void writeAState() {
    assumeThat(File.separatorChar).as("an open file's name can be taken away").isEqualTo('/');
    state = parent.resolve("state");
    try (FileLayer layer = FileLayer.open(state)) {
      layer.write(KEPT);
    }
  }

  private static ThrowableAssertAlternative<EtlException> assertUnavailable(Runnable call) {
    return assertThatExceptionOfType(EtlException.class)
        .isThrownBy(call::run)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
        .satisfies(e -> assertThat(e.fix()).isNotEmpty());
  }

  private void assertNothingMoreIsTaken(FileLayer layer, String file) {
    for (int i = 0; i < 2; i++) {
      assertUnavailable(() -> layer.write(LATER))
          .withMessageContaining(state.getFileName().toString())
          .withMessageContaining("\"" + file + "\" was deleted, moved or replaced")
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL))
          .satisfies(e -> assertThat(e.fix()).contains("asked to empty it"));
    }
  }

  private void assertContains(MappingStored... mappings) {
    try (FileLayer layer = FileLayer.open(state)) {
      assertThat(LayerContents.of(layer).mappings())
          .hasSize(mappings.length)
          .allSatisfy(
              (table, name) -> assertThat(mappings).contains(new MappingStored(table, name)));
    }
  }

  @Test
  void aDeletedDirectoryIsNoticedBeforeTheNextWrite() throws IOException {
    try (FileLayer layer = FileLayer.open(state)) {
      delete(state);
      assertNothingMoreIsTaken(layer, "lock");
      assertThat(state).doesNotExist();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Test
  void aDirectoryThatWasMovedAndMadeAgainByAnotherIsLeftToIt() throws IOException {
    Path moved = parent.resolve("moved");
    try (FileLayer layer = FileLayer.open(state)) {
      Files.move(state, moved);
      Files.createDirectory(state);
      Files.copy(moved.resolve("journal"), state.resolve("journal"));
      Files.createFile(state.resolve("lock"));
      assertNothingMoreIsTaken(layer, "lock");
      delete(state);
      Files.move(moved, state);
      layer.write(LATER);
    }
    assertContains(KEPT, LATER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal", "lock"})
  void aFileThatIsMissingOrReplacedIsNoticedBeforeTheNextWrite(String name) throws IOException {
    Path file = state.resolve(name);
    Path kept = parent.resolve("kept");
    try (FileLayer layer = FileLayer.open(state)) {
      Files.move(file, kept);
      assertNothingMoreIsTaken(layer, name);
      Files.copy(kept, file);
      assertNothingMoreIsTaken(layer, name);
    }
    Files.move(kept, file, StandardCopyOption.REPLACE_EXISTING);
    assertContains(KEPT);
  }

  /** After a failed write the journal is opened again, which must not make an empty one. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJournalThatIsMissingOrReplacedAfterAFailureIsNotAdopted(boolean replaced)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    byte[] empty = disk.content("journal");
    layer.write(KEPT);
    disk.failAt(0, SimulatedDisk.Fault.FULL);
    assertUnavailable(() -> layer.write(LATER));
    disk.deleteIfExists("journal");
    if (replaced) {
      disk.put("journal", empty);
    }
    assertUnavailable(() -> layer.write(LATER)).withMessageContaining("\"journal\" was deleted");
    assertUnavailable(() -> layer.read(change -> {})).withMessageContaining("\"journal\"");
  }

  @Test
  void aJournalOfAnotherIsNotReplacedByACompactedOne() {
    byte[] others = "of another process".getBytes(StandardCharsets.US_ASCII);
    SimulatedDisk disk = new SimulatedDisk(1);
    FileLayer layer = FileLayer.open(disk, 0);
    disk.afterWrite(() -> disk.put("journal", others));
    layer.write(KEPT);
    assertThat(disk.content("journal")).isEqualTo(others);
    assertUnavailable(() -> layer.write(LATER)).withMessageContaining("\"journal\"");
  }

  @Test
  void aMovedDirectoryStaysLockedForThisProcess() throws Exception {
    Path moved = parent.resolve("moved");
    try (FileLayer layer = FileLayer.open(state)) {
      Files.move(state, moved);
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> FileLayer.open(moved))
          .withMessageContaining("this process")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
      assertThat(OtherProcess.opening(moved)).containsExactly("STORE_LOCKED");
      Files.move(moved, state);
      layer.write(LATER);
    }
    FileLayer.open(state).close();
  }

  @Test
  void aDirectoryMayBeALink() throws IOException {
    Path link = Files.createSymbolicLink(parent.resolve("link"), state);
    try (FileLayer layer = FileLayer.open(link)) {
      layer.write(LATER);
    }
    assertContains(KEPT, LATER);
  }

  /** The link may lead to a volume that is not mounted yet. */
  @ParameterizedTest
  @ValueSource(strings = {"journal", "lock"})
  void aLinkInPlaceOfAFileIsAnError(String name) throws IOException {
    Path file = state.resolve(name);
    Path volume = Files.createDirectory(parent.resolve("volume"));
    Files.move(file, volume.resolve(name));
    Files.createSymbolicLink(file, volume.resolve(name));
    assertRefused(file, "a symbolic link");
    Path unmounted = Files.move(volume, parent.resolve("unmounted"));
    assertRefused(file, "a symbolic link");
    Files.delete(file);
    Files.move(unmounted.resolve(name), file);
    assertContains(KEPT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal", "lock"})
  void aDirectoryInPlaceOfAFileIsAnError(String name) throws IOException {
    Path file = state.resolve(name);
    Files.delete(file);
    Files.createDirectory(file);
    assertRefused(file, "a directory");
    Files.delete(file);
  }

  private void assertRefused(Path file, String found) throws IOException {
    for (int i = 0; i < 2; i++) {
      assertUnavailable(() -> FileLayer.open(state))
          .withMessageContaining(file.toRealPath(LinkOption.NOFOLLOW_LINKS) + " is " + found)
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL));
    }
  }

  @Test
  void aPathThatLeadsThroughAFileIsNamedWithTheReason() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");
    assertUnavailable(() -> FileLayer.open(file.resolve("below")))
        .withMessageContaining(file.toString())
        .withMessageContaining("Not a directory");
  }

  @Test
  void aPathOnWhichNothingCanBeWrittenIsNamedWithTheReason() {
    Path unwritable = Path.of("/proc/self/fdinfo");
    assumeThat(unwritable).isDirectory();
    assertUnavailable(() -> FileLayer.open(unwritable))
        .withMessageMatching("(?s)open the state in /proc/self/fdinfo failed: .*\\((No|Per|Op).*")
        .withMessageContaining("must be able to create");
  }

  /** A limit on the size of files is met where a full disk would be: when something is written. */
  @Test
  void anOpenThatFailedHalfWayKeepsNoLock() throws Exception {
    assertThat(OtherProcess.openingWithoutRoom(state))
        .containsExactly("STORE_UNAVAILABLE", "STORE_UNAVAILABLE");
    assertContains(KEPT);
  }
}
