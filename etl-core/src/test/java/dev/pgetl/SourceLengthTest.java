package dev.pgetl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long files and methods are as a whole; the limits of a single one are Checkstyle's. */
class SourceLengthTest {
  private static final Logger LOG = LoggerFactory.getLogger(SourceLengthTest.class);
  private static final Path SOURCES = Path.of("src/main/java");

  private record Length(String name, int lines) {
    @Override
    public String toString() {
      return name + ": " + lines;
    }
  }

  @Test
  void nineOfTenFilesHaveAtMost260Lines() throws IOException {
    List<Length> files = new ArrayList<>();
    for (Path file : files()) {
      files.add(new Length(file.toString(), Files.readAllLines(file).size()));
    }

    List<Length> longer = files.stream().filter(file -> file.lines > 260).toList();

    assertThat(longer).hasSizeLessThanOrEqualTo(files.size() / 10);
  }

  @Test
  void almostAllMethodsAreShort() throws IOException {
    List<Length> methods = methods();
    methods.sort(Comparator.comparingInt(Length::lines));
    Length p99 = methods.get((int) Math.ceil(methods.size() * 0.99) - 1);
    Length longest = methods.get(methods.size() - 1);

    LOG.info("lines of {} methods: p99 {}, longest {}", methods.size(), p99.lines, longest);

    assertThat(p99.lines).as("p99, at %s", p99).isLessThanOrEqualTo(24);
    assertThat(longest.lines).as("longest, %s", longest).isLessThanOrEqualTo(34);
  }

  private static List<Length> methods() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Length> methods = new ArrayList<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files()));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new MethodScanner(unit, positions, methods).scan(unit, null);
      }
    }
    return methods;
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(SOURCES)) {
      return all.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  /** Counts as Checkstyle does: from the opening brace to the closing one. */
  private static final class MethodScanner extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<Length> methods;

    MethodScanner(CompilationUnitTree unit, SourcePositions positions, List<Length> methods) {
      this.unit = unit;
      this.positions = positions;
      this.methods = methods;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      BlockTree body = method.getBody();
      if (body != null) {
        Path file = Path.of(unit.getSourceFile().getName()).getFileName();
        long lines =
            line(positions.getEndPosition(unit, body))
                - line(positions.getStartPosition(unit, body))
                + 1;
        methods.add(new Length(file + " " + method.getName(), (int) lines));
      }
      return super.visitMethod(method, null);
    }

    private long line(long position) {
      return unit.getLineMap().getLineNumber(position);
    }
  }
}
