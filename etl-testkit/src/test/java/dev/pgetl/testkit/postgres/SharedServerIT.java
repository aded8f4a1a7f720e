package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedServerIT {

  @Test
  void takesTheAddressOfTheEnvironmentFirst() {
    TestPostgres shared = TestPostgres.shared();
    String url =
        "jdbc:postgresql://%s:%d/postgres?user=%s&password=%s"
            .formatted(shared.host(), shared.port(), shared.username(), shared.password().reveal());
    TestPostgres found = SharedServer.find(Map.of(TestPostgres.ADDRESS_VARIABLE, url));
    assertThat(found).isNotSameAs(shared);
    assertThat(found.port()).isEqualTo(shared.port());
    try (TestDatabase database = found.createDatabase()) {
      assertThat(database.value("select 1")).isEqualTo("1");
    }
  }

  @Test
  void hasTheVersionAskedFor() {
    assertThat(System.getProperty(TestPostgres.VERSION_PROPERTY))
        .isEqualTo(Integer.toString(TestPostgres.shared().majorVersion()));
  }

  @Test
  void refusesAServerOfAnotherVersion() {
    SharedServer.requireVersion(17, "17");
    SharedServer.requireVersion(17, "");
    assertThatThrownBy(() -> SharedServer.requireVersion(17, "16"))
        .hasMessageContaining("has version 17")
        .hasMessageContaining("pg.version=16");
  }

  @Test
  void noticesQuicklyThatNoDockerEngineAnswers() throws IOException {
    assertThat(DockerEngine.answers(Map.of("DOCKER_HOST", "unix:///no/such/docker.sock")))
        .isFalse();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> environment =
          Map.of("DOCKER_HOST", "tcp://localhost:" + silent.getLocalPort());
      assertThat(DockerEngine.answers(environment)).isFalse();
    }
  }
}
