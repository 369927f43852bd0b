package dev.weft.server.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A folder of small files which only its owner may read. A write is all or nothing and has reached
 * the disk when it returns; several processes may share the folder through {@link #locked}.
 * Thread-safe.
 */
public final class StateFolder {
  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  /** A file lock belongs to the whole JVM, so threads need a lock of their own before it. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final Path path;

  private StateFolder(Path path) {
    this.path = path;
  }

  /** Opens a folder and creates it, for its owner only, where it is missing. */
  public static StateFolder open(Path path) throws IOException {
    createFolder(path.toAbsolutePath());
    if (!Files.isDirectory(path) || !Files.isWritable(path)) {
      throw new IOException("state folder " + path + " is not a writable folder");
    }
    return new StateFolder(path);
  }

  /** Where it lies. */
  public Path path() {
    return path;
  }

  /** Whether others than its owner may look into the folder; false where nobody can tell. */
  public boolean openToOthers() throws IOException {
    return posix(path) && !OWNER_FOLDER.containsAll(Files.getPosixFilePermissions(path));
  }

  /** The content of a file; empty when there is none. */
  public Optional<byte[]> read(String name) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(path.resolve(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The text of a file; empty when there is none. */
  public Optional<String> readText(String name) throws IOException {
    return read(name).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** Replaces a file as a whole; readers see the old content or the new one, also after a crash. */
  public void write(String name, byte[] content) throws IOException {
    Path target = path.resolve(name);
    Path folder = target.getParent();
    if (folder == null) {
      throw new IOException("no folder to write " + target + " into");
    }
    Path temporary = temporaryIn(folder);
    try {
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          file.write(rest);
        }
        file.force(true);
      }
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
      syncFolder(folder);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private Path temporaryIn(Path folder) throws IOException {
    try {
      createFolder(folder.toAbsolutePath());
      return Files.createTempFile(folder, ".", ".new", attributes(folder, OWNER_FILE));
    } catch (AccessDeniedException e) {
      throw readOnly(e);
    }
  }

  /** The JDK's own names a temporary file and nothing else, which tells nobody what to mend. */
  private AccessDeniedException readOnly(AccessDeniedException denied) {
    AccessDeniedException said =
        new AccessDeniedException(
            denied.getFile(), null, "state folder " + path + " cannot be written: no permission");
    said.initCause(denied);
    return said;
  }

  /** {@link #write(String, byte[])} with text. */
  public void write(String name, String content) throws IOException {
    write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Removes a file, if it is there. */
  public void delete(String name) throws IOException {
    Files.deleteIfExists(path.resolve(name));
  }

  /** The names of the files in a sub-folder, sorted; empty when there is no such folder. */
  public List<String> names(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path.resolve(folder))) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(".")) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  /** Work that may fail as files do. */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    /** Does it. */
    T run() throws IOException, E;
  }

  /** Does the work while no other thread and no other process does work on this folder. */
  public <T, E extends Exception> T locked(Work<T, E> work) throws IOException, E {
    if (THREADS.isHeldByCurrentThread()) {
      return work.run();
    }
    THREADS.lock();
    try (FileChannel file = openLockFile("lock")) {
      file.lock(); // released with the channel
      return work.run();
    } finally {
      THREADS.unlock();
    }
  }

  /**
   * Claims the folder for one server until the result is closed.
   *
   * @throws IOException when another server holds it
   */
  public Claim claim() throws IOException {
    FileChannel file = openLockFile("server.lock");
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return new Claim(file);
      }
    } catch (OverlappingFileLockException e) {
      // The other server lives in this JVM.
    }
    file.close();
    throw new IOException(
        "state folder " + path + " is in use by another config server; stop it or use --state");
  }

  /** A claim on the folder; ends by itself with the process. */
  public static final class Claim implements AutoCloseable {
    private final FileChannel file;

    private Claim(FileChannel file) {
      this.file = file;
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private FileChannel openLockFile(String name) throws IOException {
    try {
      return FileChannel.open(
          path.resolve(name),
          Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
          attributes(path, OWNER_FILE));
    } catch (AccessDeniedException e) {
      throw readOnly(e);
    }
  }

  private static void createFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null && !Files.exists(parent)) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, attributes(folder, OWNER_FOLDER));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static FileAttribute<?>[] attributes(Path near, Set<PosixFilePermission> permissions) {
    return posix(near)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }

  private static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** A rename is durable only once its folder is; where folders cannot be synced, it is anyway. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows cannot open folders.
    }
  }
}
