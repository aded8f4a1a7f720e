package dev.pgetl.internal.sim.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The mutants fit the runtime of today; {@link RuntimeMutants} runs them. */
class MutantPatchesTest {
  private static final String PATCH =
      """
      Two for one
      --- a/Some.java
      +++ b/Some.java
      @@ -2,2 +2,3 @@
       b
      -c
      +C
      +CC
      """;

  /** {@return the mutants of the runtime} */
  static List<Mutant> all() throws IOException {
    return Mutant.all(Path.of("src/test/mutants"), Path.of("src/main/java"));
  }

  @Test
  void everyPatchChangesTheRuntime() throws IOException {
    assertThat(all()).hasSizeGreaterThanOrEqualTo(30);
    for (Mutant mutant : all()) {
      assertThat(mutant.patch().description()).isNotBlank().doesNotStartWith("---");
      assertThat(mutant.patch().files()).isNotEmpty();
      for (Patch.FileChange change : mutant.patch().files()) {
        assertThat(mutant.mutated(change)).isNotEmpty();
        assertThat(change.hunks()).noneMatch(hunk -> hunk.before().equals(hunk.after()));
      }
    }
  }

  @Test
  void appliesAPatchWhereItsLinesAreNow() {
    Patch patch = Patch.parse(PATCH);

    assertThat(patch.description()).isEqualTo("Two for one");
    assertThat(patch.files().get(0).applyTo("new\nb\nd\na\nb\nc\nd\n"))
        .isEqualTo("new\nb\nd\na\nb\nC\nCC\nd\n");
  }

  @Test
  void refusesAPatchWhoseLinesAreGone() {
    Patch.FileChange change = Patch.parse(PATCH).files().get(0);

    assertThatThrownBy(() -> change.applyTo("a\nb\nx\n"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Some.java");
  }
}
