package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Bytes that are JSON already, in the form that a generator accepts without creating a string.
 * Immutable.
 */
final class RawJson implements SerializableString {
  private final Span json;

  RawJson(Span json) {
    this.json = json;
  }

  @Override
  public int appendUnquotedUTF8(byte[] buffer, int offset) {
    if (json.length() > buffer.length - offset) {
      return -1;
    }
    System.arraycopy(json.bytes(), json.start(), buffer, offset, json.length());
    return json.length();
  }

  @Override
  public byte[] asUnquotedUTF8() {
    return json.copy();
  }

  @Override
  public int writeUnquotedUTF8(OutputStream out) throws IOException {
    out.write(json.bytes(), json.start(), json.length());
    return json.length();
  }

  @Override
  public int putUnquotedUTF8(ByteBuffer buffer) {
    if (json.length() > buffer.remaining()) {
      return -1;
    }
    buffer.put(json.bytes(), json.start(), json.length());
    return json.length();
  }

  @Override
  public String getValue() {
    return json.text();
  }

  @Override
  public int charLength() {
    return getValue().length();
  }

  @Override
  public int appendUnquoted(char[] buffer, int offset) {
    return asString().appendUnquoted(buffer, offset);
  }

  @Override
  public char[] asQuotedChars() {
    return asString().asQuotedChars();
  }

  @Override
  public byte[] asQuotedUTF8() {
    return asString().asQuotedUTF8();
  }

  @Override
  public int appendQuotedUTF8(byte[] buffer, int offset) {
    return asString().appendQuotedUTF8(buffer, offset);
  }

  @Override
  public int appendQuoted(char[] buffer, int offset) {
    return asString().appendQuoted(buffer, offset);
  }

  @Override
  public int writeQuotedUTF8(OutputStream out) throws IOException {
    return asString().writeQuotedUTF8(out);
  }

  @Override
  public int putQuotedUTF8(ByteBuffer buffer) throws IOException {
    return asString().putQuotedUTF8(buffer);
  }

  private SerializableString asString() {
    return new SerializedString(getValue());
  }
}
