package dev.pgetl.store.memory;

import dev.pgetl.store.PipelineStore;
import dev.pgetl.testkit.contract.CleanupStoreContract;
import dev.pgetl.testkit.contract.CopyStoreContract;
import dev.pgetl.testkit.contract.SchemaStoreContract;
import dev.pgetl.testkit.contract.StateStoreContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The store over a directory whose disk can be made to fail. */
class FileStoreContractTest
    implements StateStoreContract, SchemaStoreContract, CopyStoreContract, CleanupStoreContract {
  private static final long SPARE_BYTES = 1000;

  private final List<MemoryStore> opened = new ArrayList<>();
  private volatile boolean broken;

  @TempDir private Path directory;

  @Override
  public PipelineStore openStore() {
    try {
      Disk disk = new BreakableDisk(LocalDisk.open(directory));
      MemoryStore store = new MemoryStore(FileLayer.open(disk, SPARE_BYTES));
      opened.add(store);
      return store;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void closeStores() {
    opened.forEach(MemoryStore::close);
  }

  @Override
  public boolean canBreakPersistence() {
    return true;
  }

  @Override
  public void breakPersistence(boolean value) {
    broken = value;
  }

  @Override
  public boolean canLoseOwnership() {
    return true;
  }

  /** As another process does that starts in a directory it takes for abandoned. */
  @Override
  public void loseOwnership() {
    try {
      Files.delete(directory.resolve("lock"));
      Files.createFile(directory.resolve("lock"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void failIfBroken() throws IOException {
    if (broken) {
      throw new IOException("Input/output error");
    }
  }

  /** A disk that works or does not. */
  private final class BreakableDisk implements Disk {
    private final Disk disk;

    BreakableDisk(Disk disk) {
      this.disk = disk;
    }

    @Override
    public Optional<Object> identity(String name) throws IOException {
      return disk.identity(name);
    }

    @Override
    public void requireLocked() throws IOException {
      disk.requireLocked();
    }

    @Override
    public InputStream read(String name) throws IOException {
      failIfBroken();
      return disk.read(name);
    }

    @Override
    public long create(String name, Iterator<byte[]> content) throws IOException {
      failIfBroken();
      return disk.create(name, content);
    }

    @Override
    public DiskFile open(String name) throws IOException {
      failIfBroken();
      return new BreakableFile(disk.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
      failIfBroken();
      disk.rename(from, to);
    }

    @Override
    public void deleteIfExists(String name) throws IOException {
      failIfBroken();
      disk.deleteIfExists(name);
    }

    @Override
    public void syncDirectory() throws IOException {
      failIfBroken();
      disk.syncDirectory();
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }

  /** A file that writes half when the disk does not work. */
  private final class BreakableFile implements Disk.DiskFile {
    private final Disk.DiskFile file;

    BreakableFile(Disk.DiskFile file) {
      this.file = file;
    }

    @Override
    public void write(long position, byte[] bytes) throws IOException {
      int length = broken ? bytes.length / 2 : bytes.length;
      file.write(position, Arrays.copyOf(bytes, length));
      failIfBroken();
    }

    @Override
    public void truncate(long length) throws IOException {
      failIfBroken();
      file.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      failIfBroken();
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
