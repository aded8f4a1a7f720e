package dev.pgetl.examples.destination;

import static dev.pgetl.testkit.contract.DestinationAccess.USERS;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.testkit.data.TestTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a write that was cut short, a removal, and a repetition after it, leave in the file. */
class TornFileTest {
  private final List<Event> events =
      TestTransaction.at(0x100)
          .insert(row(USERS, "1", "Ada", "x"))
          .insert(row(USERS, "2", "Bob", "y"))
          .commit();

  @TempDir private Path folder;

  @Test
  void takesBackWhatAFailedWriteLeft() throws IOException {
    Path file = folder.resolve("changes.jsonl");
    JsonLinesDestination destination = new JsonLinesDestination(file);
    destination.writeEvents(events);
    String whole = Files.readString(file);
    Files.writeString(file, whole.substring(3, 120), StandardOpenOption.APPEND);
    destination.writeEvents(List.of());
    assertThat(Files.readString(file)).isEqualTo(whole);
  }

  @Test
  void dropsALineThatWasNotFinishedAndWhatComesAgain() throws IOException {
    Path file = folder.resolve("changes.jsonl");
    new JsonLinesDestination(file).writeEvents(events);
    String whole = Files.readString(file);
    String torn = whole.substring(0, whole.length() - 5);
    Files.writeString(file, torn, StandardOpenOption.TRUNCATE_EXISTING);

    JsonLinesDestination next = new JsonLinesDestination(file);
    next.startup();
    assertThat(Files.readString(file)).isEqualTo(whole.lines().findFirst().orElseThrow() + "\n");
    next.writeEvents(events);
    next.writeEvents(events);
    assertThat(Files.readString(file)).isEqualTo(whole);
  }

  @Test
  void dropsWhatComesAgainAfterARemoval() throws IOException {
    Path file = folder.resolve("changes.jsonl");
    JsonLinesDestination destination = new JsonLinesDestination(file);
    destination.writeEvents(events);
    destination.removeRange(USERS, new KeyRange("id", "7", null));
    destination.writeTableRows(USERS, List.of(row(USERS, "8", "Hal", "z")));
    destination.writeEvents(events);
    new JsonLinesDestination(file).writeEvents(events);

    assertThat(Files.readAllLines(file)).hasSize(4);
    assertThat(Files.readAllLines(file).get(2))
        .contains("\"op\":\"remove\"", "\"column\":\"id\",\"from\":\"7\",\"to\":null");
  }
}
