package dev.pgetl.it.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.sim.mutants.Mutant;
import dev.pgetl.internal.sim.mutants.Patch;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mutants fit the library of today; {@link WalkMutants} runs them. */
class WalkMutantPatchesIT {
  @Test
  void everyPatchChangesTheLibraryAndCompiles(@TempDir Path folder) throws IOException {
    assertThat(WalkMutants.all()).hasSizeGreaterThanOrEqualTo(12);
    for (Mutant mutant : WalkMutants.all()) {
      assertThat(mutant.patch().description()).isNotBlank().doesNotStartWith("---");
      for (Patch.FileChange change : mutant.patch().files()) {
        assertThat(change.hunks()).noneMatch(hunk -> hunk.before().equals(hunk.after()));
      }
      assertThat(mutant.compile(folder.resolve(mutant.name()))).isNotEmptyDirectory();
    }
  }
}
