package dev.pgetl.internal.pem;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Reads a private key from PEM text: PKCS #8, encrypted or not, PKCS #1 (RSA) and SEC 1 (EC). The
 * messages of its exceptions repeat nothing of the text.
 */
public final class PrivateKeyPem {
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (?<label>[A-Z0-9 ]*PRIVATE KEY)-----(?<body>.*?)-----END \\k<label>-----",
          Pattern.DOTALL);

  /** Tools write the curve of an EC key in front of it. */
  private static final Pattern CURVE =
      Pattern.compile(
          "-----BEGIN EC PARAMETERS-----(?<body>.*?)-----END EC PARAMETERS-----", Pattern.DOTALL);

  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
  private static final byte[] VERSION = HexFormat.of().parseHex("020100");

  /** The algorithm of a PKCS #1 key: rsaEncryption, without parameters. */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /** The name id-ecPublicKey, which the curve follows. */
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  /** A scheme whose parts its parameters name. */
  private static final String PBES2 = "1.2.840.113549.1.5.13";

  private static final String CONVERT =
      "convert it with openssl pkcs8 -topk8 -in old.key -out new.key";

  private PrivateKeyPem() {}

  /**
   * {@return the first key of a text}
   *
   * @param pem the text; certificates may surround the key
   * @param password what the key is encrypted with; ignored if it is not
   * @throws GeneralSecurityException if there is no key that can be read
   */
  public static PrivateKey read(String pem, String password) throws GeneralSecurityException {
    Matcher key = KEY.matcher(pem);
    if (!key.find()) {
      throw new InvalidKeySpecException("there is no private key (-----BEGIN PRIVATE KEY-----)");
    }
    String body = key.group("body");
    return switch (key.group("label")) {
      case "PRIVATE KEY" -> ofPkcs8(decoded(body));
      case "ENCRYPTED PRIVATE KEY" -> decrypted(decoded(body), password);
      case "RSA PRIVATE KEY" -> ofPkcs8(wrapped(RSA, plain(body)));
      case "EC PRIVATE KEY" -> ofSec1(plain(body), pem);
      default ->
          throw new InvalidKeySpecException(
              "a key of the format " + key.group("label") + " cannot be read; " + CONVERT);
    };
  }

  private static byte[] decoded(String base64) throws InvalidKeySpecException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("the key is damaged: it is not Base64");
    }
  }

  private static byte[] plain(String body) throws InvalidKeySpecException {
    if (body.contains("ENCRYPTED")) {
      throw new InvalidKeySpecException(
          "the key is encrypted in the old format of OpenSSL, which the JDK cannot read; "
              + CONVERT);
    }
    return decoded(body);
  }

  private static PrivateKey ofSec1(byte[] key, String pem) throws GeneralSecurityException {
    byte[] curve = Der.find(key, Der.FIRST_OPTION);
    if (curve.length == 0) {
      Matcher named = CURVE.matcher(pem);
      if (!named.find()) {
        throw new InvalidKeySpecException("the EC key does not name its curve; " + CONVERT);
      }
      curve = decoded(named.group("body"));
    }
    return ofPkcs8(wrapped(Der.element(Der.SEQUENCE, EC, curve), key));
  }

  /** {@return the PKCS #8 form of a key in the form of its algorithm} */
  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return Der.element(Der.SEQUENCE, VERSION, algorithm, Der.element(Der.OCTETS, key));
  }

  /** The JDK does not read the algorithm from the key, so each is tried. */
  private static PrivateKey ofPkcs8(byte[] encoded) throws GeneralSecurityException {
    PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(encoded);
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(key);
      } catch (InvalidKeySpecException ignored) {
        // the next one
      }
    }
    throw new InvalidKeySpecException("the key is none of " + ALGORITHMS + ", or damaged");
  }

  private static PrivateKey decrypted(byte[] encoded, String password)
      throws GeneralSecurityException {
    if (password.isEmpty()) {
      throw new InvalidKeySpecException("the key is encrypted and no password was given");
    }
    String scheme = "";
    try {
      EncryptedPrivateKeyInfo sealed = new EncryptedPrivateKeyInfo(encoded);
      AlgorithmParameters parameters = sealed.getAlgParameters();
      scheme = schemeOf(sealed);
      Cipher cipher = Cipher.getInstance(scheme);
      PBEKeySpec secret = new PBEKeySpec(password.toCharArray());
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(scheme).generateSecret(secret),
          parameters);
      return ofPkcs8(sealed.getKeySpec(cipher).getEncoded());
    } catch (InvalidKeySpecException e) {
      throw new InvalidKeySpecException("the password of the key is wrong, or the key damaged");
    } catch (IOException | GeneralSecurityException e) {
      throw new InvalidKeySpecException(
          "the encryption of the key cannot be read " + scheme + "; " + CONVERT);
    }
  }

  private static String schemeOf(EncryptedPrivateKeyInfo sealed) {
    String name = sealed.getAlgName();
    boolean composed = name.equals("PBES2") || name.equals(PBES2);
    return composed && sealed.getAlgParameters() != null
        ? sealed.getAlgParameters().toString()
        : name;
  }
}
