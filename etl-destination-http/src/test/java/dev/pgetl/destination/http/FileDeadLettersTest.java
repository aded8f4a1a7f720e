package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Expect.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Letters are in the file that has the name, whatever was done to it. */
@Timeout(60)
class FileDeadLettersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LETTERS = 100;

  @TempDir private Path directory;
  private Path file;
  private FileDeadLetters letters;

  @BeforeEach
  void open() {
    file = directory.resolve("letters.jsonl");
    letters = new FileDeadLetters(file);
  }

  @Test
  void goOnInANewFileWhenTheFirstWasTakenAway() throws IOException {
    letters.accept(letter(1));
    Path taken = Files.move(file, directory.resolve("taken"));
    letters.accept(letter(2));
    Files.delete(taken);
    letters.accept(letter(3));

    assertThat(ids(Files.readAllLines(file))).containsExactly(2, 3);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void goOnInTheFileThatWasPutInPlace() throws IOException {
    letters.accept(letter(1));
    Path other = Files.writeString(directory.resolve("other"), "");
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    letters.accept(letter(2));
    Files.delete(file);
    letters.accept(letter(3));

    assertThat(ids(Files.readAllLines(file))).containsExactly(3);
  }

  /** A crash between the letter and its name; the letter was not acknowledged, and comes again. */
  @Test
  void replaceWhatACrashLeftBesideTheFile() throws IOException {
    Files.delete(file);
    Files.writeString(directory.resolve("letters.jsonl.new"), "{\"item\":");
    letters.accept(letter(1));
    letters.accept(letter(2));

    assertThat(ids(Files.readAllLines(file))).containsExactly(1, 2);
    assertThat(directory).isDirectoryNotContaining("glob:**.new");
  }

  /** Whoever renames the file, reads it at once and deletes it has every letter in the end. */
  @Test
  void loseNothingToSomeoneWhoTakesThemAwayAllTheTime() throws Exception {
    Set<Integer> seen = new TreeSet<>();
    Thread writer =
        new Thread(() -> IntStream.range(0, LETTERS).forEach(i -> letters.accept(letter(i))));
    writer.start();
    while (writer.isAlive()) {
      seen.addAll(takeAway());
    }
    seen.addAll(takeAway());

    assertThat(seen).containsExactlyElementsOf(IntStream.range(0, LETTERS).boxed().toList());
  }

  /** Several pipelines of a process may write to one file. */
  @Test
  void loseNothingToOtherWriters() throws Exception {
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      FileDeadLetters own = new FileDeadLetters(file);
      int first = i * LETTERS;
      writers.add(
          new Thread(
              () -> IntStream.range(first, first + LETTERS).forEach(n -> own.accept(letter(n)))));
    }
    writers.forEach(Thread::start);
    for (Thread writer : writers) {
      writer.join();
    }

    List<String> lines = Files.readAllLines(file);
    assertThat(ids(lines))
        .hasSize(4 * LETTERS)
        .hasSameSizeAs(lines)
        .containsAll(IntStream.range(0, 4 * LETTERS).boxed().toList());
  }

  private Set<Integer> takeAway() throws IOException {
    Path taken = directory.resolve("taken");
    try {
      Files.move(file, taken, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException nothingThere) {
      return Set.of();
    }
    List<String> lines =
        new String(Files.readAllBytes(taken), StandardCharsets.UTF_8).lines().toList();
    Files.delete(taken);
    return ids(lines).stream().collect(Collectors.toSet());
  }

  @Test
  void saysWhatIsWrongWithTheFile() throws IOException {
    EtlException missing =
        failure(() -> new FileDeadLetters(directory.resolve("missing").resolve("letters")));
    EtlException notAFile = failure(() -> new FileDeadLetters(directory));
    Files.delete(file);
    Files.delete(directory);
    EtlException gone = failure(() -> letters.accept(letter(1)));

    assertThat(missing.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(missing.fix()).contains("directory");
    assertThat(notAFile.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(gone.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(gone.fix()).contains("directory").contains("sent again until it is written");
    Files.createDirectory(directory);
    letters.accept(letter(1));
    assertThat(file).isNotEmptyFile();
    Path later = Files.createDirectory(directory.resolve("missing")).resolve("letters");
    new FileDeadLetters(later).accept(letter(1));
    assertThat(later).isNotEmptyFile();
  }

  private static DeadLetter letter(int id) {
    DeliveryRequest request =
        new DeliveryRequest(DeliveryRequest.Kind.ROWS, "", List.of(USERS), 1, "rows-16385-x");
    byte[] item = ("{\"values\":[" + id + "]}").getBytes(StandardCharsets.UTF_8);
    return new DeadLetter(request, ByteBuffer.wrap(item), 422, "no");
  }

  /** {@return the letters, without lines that were half written} */
  private static List<Integer> ids(List<String> lines) throws IOException {
    List<Integer> ids = new ArrayList<>();
    for (String line : lines.stream().filter(line -> !line.isBlank()).toList()) {
      try {
        ids.add(JSON.readTree(line).get("item").get("values").get(0).asInt());
      } catch (JacksonException halfWritten) {
        // it is in the next file as a whole
      }
    }
    return ids;
  }
}
