package dev.pgetl.destination.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.Version;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiverDoctorTest {
  @Test
  void aReceiverThatListensIsReached() throws IOException {
    int port;
    try (ServerSocket receiver = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = receiver.getLocalPort();
      try (HttpDestination destination = to(port)) {
        assertThat(destination.diagnose()).isEmpty();
      }
    }
    try (HttpDestination destination = to(port)) {
      List<Finding> found = destination.diagnose();
      assertThat(found)
          .extracting(Finding::code)
          .containsExactly(FindingCode.DESTINATION_UNREACHABLE);
      assertThat(found.toString()).doesNotContain("s3cret");
    }
  }

  private static HttpDestination to(int port) {
    return HttpDestination.builder("http://127.0.0.1:" + port + "/s3cret").build();
  }

  @Test
  void anOldLibraryIsNamed() {
    assertThat(ReceiverDoctor.library(version(14)))
        .extracting(Finding::code)
        .containsExactly(FindingCode.LIBRARY_VERSION);
    assertThat(ReceiverDoctor.library(version(15))).isEmpty();
  }

  private static Version version(int minor) {
    return new Version(2, minor, 0, null, "com.fasterxml.jackson.core", "jackson-core");
  }
}
