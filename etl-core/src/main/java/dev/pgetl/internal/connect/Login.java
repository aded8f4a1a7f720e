package dev.pgetl.internal.connect;

import dev.pgetl.config.Credentials;
import dev.pgetl.config.PgHost;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * What a connection logs in with.
 *
 * @param host where it goes
 * @param credentials role and password
 * @param sockets makes its encrypted socket; null if it is not encrypted
 */
public record Login(PgHost host, Credentials credentials, @Nullable SSLSocketFactory sockets) {

  /** Sets role and password. */
  public void addTo(Properties properties) {
    PGProperty.USER.set(properties, credentials.username());
    PGProperty.PASSWORD.set(properties, credentials.password().reveal());
  }

  /** {@return the same without the password, which the server has refused} */
  public Login withoutPassword() {
    return new Login(host, Credentials.of(credentials.username(), ""), sockets);
  }
}
