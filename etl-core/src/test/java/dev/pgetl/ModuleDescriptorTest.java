package dev.pgetl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A runtime of its own (jlink) has the modules that descriptors require. The compiler checks what
 * code names; these are found by name while it runs.
 */
class ModuleDescriptorTest {
  private static void assertRequired(Set<String> modules) throws IOException {
    modules.remove("java.base");
    String descriptor = Files.readString(Path.of("src/main/java/module-info.java"));
    assertThat(modules)
        .allSatisfy(module -> assertThat(descriptor).contains("requires " + module + ";"));
  }

  @Test
  void theModuleOfTheRandomGeneratorIsRequired() throws IOException {
    assertRequired(new TreeSet<>(Set.of(moduleOf(Platform.jvm().random()))));
  }

  /** Without them, the loss of a machine is noticed after hours. */
  @Test
  void theModuleOfTheOptionsThatKeepConnectionsAliveIsRequired() throws IOException {
    Set<String> modules = new TreeSet<>();
    try (Socket socket = new Socket()) {
      for (SocketOption<?> option : socket.supportedOptions()) {
        if (option.name().startsWith("TCP_KEEP")) {
          modules.add(moduleOf(option));
        }
      }
    }
    assertRequired(modules);
  }

  private static String moduleOf(Object object) {
    return object.getClass().getModule().getName();
  }
}
