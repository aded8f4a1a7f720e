package dev.pgetl.it.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.ClientCertificate;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.config.TlsConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The code of {@code docs/connections.md}. */
class ConnectionExamplesTest {
  /** Where passwords come from. */
  private interface Passwords {
    String password(String role);
  }

  @Test
  void severalHostsWithAPasswordAndACertificateThatChange() {
    Passwords vault = role -> "of " + role;
    String rootCerts = "";
    Path chain = Path.of("client.crt");
    Path key = Path.of("client.key");
    // tag::connection[]
    PgConnectionConfig source =
        PgConnectionConfig.builder(
                PgHost.list("db1.example.com,db2.example.com:5433"), "shop", "etl")
            .passwordFrom(() -> vault.password("etl"))
            .tls(
                TlsConfig.trusting(rootCerts)
                    .withClientCertificateFrom(() -> ClientCertificate.ofFiles(chain, key)))
            .build();
    // end::connection[]
    assertThat(source.hosts()).hasSize(2);
    assertThat(source.asksForCredentials()).isTrue();
  }
}
