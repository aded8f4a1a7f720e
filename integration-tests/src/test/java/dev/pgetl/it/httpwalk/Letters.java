package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgetl.destination.http.RowLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The file of dead letters, read by docs/http-destination.md. */
final class Letters {
  private final Settings settings;
  private final Path file;

  Letters(Settings settings, Path file) {
    this.settings = settings;
    this.file = file;
  }

  int count() {
    return lines().size();
  }

  /** {@return the complete lines} */
  private List<String> lines() {
    try {
      String text = Files.exists(file) ? StrictJson.utf8(Files.readAllBytes(file)) : "";
      return List.of(text.split("\n", -1))
          .subList(0, (int) text.chars().filter(c -> c == '\n').count());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the copied rows of a table, without the first letters} */
  List<Change> rows(long table, int skipped) {
    return changes(table, "rows", skipped);
  }

  /** {@return the events of a table, without those of the first letters} */
  List<Change> events(long table, int skipped) {
    return changes(table, "events", skipped);
  }

  private List<Change> changes(long table, String kind, int skipped) {
    List<Change> changes = new ArrayList<>();
    List<String> lines = lines();
    for (String line : lines.subList(Math.min(skipped, lines.size()), lines.size())) {
      JsonNode letter = StrictJson.parse(line);
      if (letter.required("kind").asText().equals(kind)) {
        add(changes, letter, table);
      }
    }
    return changes;
  }

  private void add(List<Change> changes, JsonNode letter, long table) {
    Map<String, List<String>> columns = new HashMap<>();
    List<String> versions = new ArrayList<>();
    for (JsonNode description : letter.required("tables")) {
      List<String> names = new ArrayList<>();
      description.required("columns").forEach(each -> names.add(each.required("name").asText()));
      columns.put(RequestReader.version(description), names);
      versions.add(RequestReader.version(description));
    }
    JsonNode item = letter.required("item");
    boolean rows = letter.required("kind").asText().equals("rows");
    String version =
        rows ? versions.get(0) : item.has("table_id") ? RequestReader.version(item) : "";
    if (!version.startsWith(table + "@") || item.path("type").asText().equals("relation")) {
      return;
    }
    List<String> names = settings.layout() == RowLayout.NAMES ? null : columns.get(version);
    changes.add(rows ? Change.copied(item, names) : Change.event(item, names));
  }
}
