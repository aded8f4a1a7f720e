// tag::jsonLinesDestinationTest[]
package dev.pgetl.examples.destination;

import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.contract.DestinationContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesDestinationTest implements DestinationContract {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("changes.jsonl");
  }

  @Override
  public Destination openDestination() {
    return new JsonLinesDestination(file());
  }

  @Override
  public List<List<@Nullable String>> content(TableSchema table) {
    try {
      return JsonLinesReader.rows(file(), table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean removesRanges() {
    return true;
  }

  @Override
  public boolean canBreakTarget() {
    return true;
  }

  /** Replaces the file by a folder. */
  @Override
  public void breakTarget(boolean broken) {
    Path aside = folder.resolve("aside");
    try {
      if (broken) {
        Files.move(file(), aside);
        Files.createDirectory(file());
      } else {
        Files.delete(file());
        Files.move(aside, file());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
// end::jsonLinesDestinationTest[]
