package dev.pgetl.testkit.postgres;

import dev.pgetl.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A self-signed certificate for a host name, valid for a day: what the server shows, and at the
 * same time the root a client has to trust.
 *
 * @param certificatePem the certificate, PEM text
 * @param privateKeyPem its key, PEM text
 */
public record TestCertificate(String certificatePem, Secret privateKeyPem) {
  private static final String ALIAS = "server";
  private static final String PASSWORD = "changeit";

  /**
   * {@return a new certificate}
   *
   * @param hostName the host name that is certified, for example {@code localhost}
   */
  public static TestCertificate issue(String hostName) {
    try {
      Path folder = Files.createTempDirectory("pgetl-certificate-");
      Path file = folder.resolve("keys.p12");
      try {
        runKeytool(hostName, file);
        return read(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("issue a certificate for " + hostName, e);
    }
  }

  private static void runKeytool(String hostName, Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + hostName,
                "-ext",
                "SAN=DNS:" + hostName,
                "-ext",
                "BC=ca:true",
                "-validity",
                "1",
                "-alias",
                ALIAS,
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IOException("keytool failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    }
  }

  private static TestCertificate read(Path file) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream input = Files.newInputStream(file)) {
      keys.load(input, PASSWORD.toCharArray());
    }
    byte[] certificate = keys.getCertificate(ALIAS).getEncoded();
    byte[] key = keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
    return new TestCertificate(pem("CERTIFICATE", certificate), Secret.of(pem("PRIVATE KEY", key)));
  }

  private static String pem(String label, byte[] content) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
