package dev.pgetl.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of the doctor names every code, with its severity. */
class DoctorPageTest {
  private static final Pattern ROW = Pattern.compile("\\| `([A-Z_]+)` \\| `([A-Z]+)` \\| .+ \\|");

  @Test
  void theTableHasTheCodesInTheirOrder() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "doctor.md"));
    assertThat(ROW.matcher(page).results().map(row -> row.group(1) + " " + row.group(2)))
        .containsExactlyElementsOf(
            Arrays.stream(FindingCode.values()).map(code -> code + " " + code.severity()).toList());
  }
}
