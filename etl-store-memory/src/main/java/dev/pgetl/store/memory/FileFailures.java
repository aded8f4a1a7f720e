package dev.pgetl.store.memory;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What can go wrong with the files of a state, and what to do about it. */
final class FileFailures {
  private static final String COPIED_AGAIN =
      "then every table is copied again, after the destination was asked to empty it.";

  private FileFailures() {}

  /** A file cannot be used at the moment. */
  static EtlException unavailable(String what, IOException cause) {
    return new EtlException(ErrorKind.STORE_UNAVAILABLE, what + " failed: " + reason(cause), cause)
        .withFix(
            "The process must be able to create, read and write files in that directory, on a disk with room.");
  }

  /** The cause in words: exceptions of files often have a path as their only message. */
  private static String reason(IOException cause) {
    if (cause instanceof FileSystemException failure) {
      return failure.getFile()
          + ": "
          + Objects.requireNonNullElse(failure.getReason(), kind(failure));
    }
    return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
  }

  private static String kind(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    } else if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    } else if (failure instanceof FileAlreadyExistsException) {
      return "it exists and is no directory";
    }
    return failure.getClass().getSimpleName();
  }

  /** Another kind of file has the name of a file of the state. */
  static EtlException notPlain(Path path, String found) {
    return new EtlException(
            ErrorKind.STORE_UNAVAILABLE,
            "open the state: " + path + " is " + found + ", must be a plain file")
        .withFix(
            "Put the file itself there. To keep the state elsewhere, name that directory, or a link to it.")
        .withRetry(RetryDirective.MANUAL);
  }

  /** The name of an open file leads to another file, or nowhere. */
  static EtlException moved(Object directory, String file) {
    return new EtlException(
            ErrorKind.STORE_UNAVAILABLE,
            "use the state in %s, whose file \"%s\" was deleted, moved or replaced while it was open"
                .formatted(directory, file))
        .withFix(
            "Let no other process use that directory. Put back what was moved, and start the pipeline again."
                + " If it is lost, remove the directory and start: "
                + COPIED_AGAIN)
        .withRetry(RetryDirective.MANUAL);
  }

  /** The content is not what was written. */
  static EtlException corrupt(String what, @Nullable Throwable cause) {
    return new EtlException(ErrorKind.STORE_CORRUPT, what, cause)
        .withFix(
            "If you have an undamaged copy of this very state, put it there."
                + " Otherwise move the directory away and start again: "
                + COPIED_AGAIN);
  }
}
