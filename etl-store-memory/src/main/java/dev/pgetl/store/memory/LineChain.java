package dev.pgetl.store.memory;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Lines of the form {@code checksum json}, in which each checksum covers the one before and its own
 * text: it detects a changed byte, and a line that is missing, duplicated or in the wrong place.
 * Not thread-safe.
 */
final class LineChain {
  private static final int CHECKSUM_LENGTH = 8;
  private static final int TEXT_START = CHECKSUM_LENGTH + 1;

  private byte[] last = "00000000".getBytes(StandardCharsets.US_ASCII);

  /** The next line with its line feed, of text that is ASCII without line breaks. */
  byte[] append(String json) {
    byte[] text = json.getBytes(StandardCharsets.US_ASCII);
    last = checksum(text, 0, text.length);
    byte[] line = new byte[TEXT_START + text.length + 1];
    System.arraycopy(last, 0, line, 0, CHECKSUM_LENGTH);
    line[CHECKSUM_LENGTH] = ' ';
    System.arraycopy(text, 0, line, TEXT_START, text.length);
    line[line.length - 1] = '\n';
    return line;
  }

  /**
   * The text of the next line, given without line feed; empty if it is not the one that follows.
   */
  Optional<String> accept(byte[] line) {
    if (!follows(line)) {
      return Optional.empty();
    }
    last = Arrays.copyOf(line, CHECKSUM_LENGTH);
    String text = new String(line, TEXT_START, line.length - TEXT_START, StandardCharsets.US_ASCII);
    return Optional.of(text);
  }

  /** Whether these bytes are the next line, without line feed. */
  boolean follows(byte[] line) {
    if (line.length < TEXT_START || line[CHECKSUM_LENGTH] != ' ') {
      return false;
    }
    byte[] expected = checksum(line, TEXT_START, line.length - TEXT_START);
    return Arrays.equals(expected, 0, CHECKSUM_LENGTH, line, 0, CHECKSUM_LENGTH);
  }

  private byte[] checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(last);
    crc.update(bytes, offset, length);
    String hex = HexFormat.of().toHexDigits((int) crc.getValue());
    return hex.getBytes(StandardCharsets.US_ASCII);
  }
}
