package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFilesTest {
  private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

  @TempDir private Path folder;

  @Test
  void areInTheFolderAskedForIfItHasRoom() throws IOException {
    assertThat(ClusterFiles.parent(folder.toString(), 1)).isEqualTo(folder);
  }

  @Test
  void areInTheTemporaryDirectoryIfItHasNone() throws IOException {
    assertThat(ClusterFiles.parent(folder.toString(), Long.MAX_VALUE)).isEqualTo(TEMPORARY);
  }

  @Test
  void areInTheTemporaryDirectoryIfItIsAbsent() throws IOException {
    assertThat(ClusterFiles.parent(folder.resolve("absent").toString(), 1)).isEqualTo(TEMPORARY);
  }

  @Test
  void areInTheTemporaryDirectoryIfNoneIsAskedFor() throws IOException {
    assertThat(ClusterFiles.parent("", 0)).isEqualTo(TEMPORARY);
  }
}
