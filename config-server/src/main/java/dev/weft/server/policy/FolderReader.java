package dev.weft.server.policy;

import dev.weft.policy.document.SourceFile;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads policy files: those of a folder and its sub-folders, without hidden ones, whose names say
 * that they hold documents. Symbolic links are followed, because Kubernetes mounts files as such.
 * Stateless.
 */
public final class FolderReader {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_FILES = 10_000;
  private static final long MAX_BYTES = 4 << 20;

  private FolderReader() {}

  /**
   * What is cheap to know about a file, and changes when its content does.
   *
   * @param key which file it is, where the system tells: a file that takes another's place can be
   *     as long and, by the coarse clocks of file systems, as old
   */
  record Stamp(Path path, long size, FileTime modified, @Nullable Object key) {}

  /**
   * A look at the folder.
   *
   * @param files by name below the folder, with {@code /} between its parts
   * @param folders the folder itself and those below
   */
  record Look(Map<String, Stamp> files, List<Path> folders) {}

  /**
   * Looks without reading.
   *
   * @throws IOException when the folder is missing, unreadable or too large
   */
  static Look look(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("policy folder " + folder + " does not exist");
    }
    Map<String, Stamp> files = new TreeMap<>();
    List<Path> folders = new ArrayList<>();
    Files.walkFileTree(
        folder,
        Set.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            if (!path.equals(folder) && hidden(path)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            folders.add(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            String name = folder.relativize(path).toString().replace('\\', '/');
            if (attributes.isRegularFile() && !hidden(path) && SourceFile.accepts(name)) {
              files.put(
                  name,
                  new Stamp(
                      path,
                      attributes.size(),
                      attributes.lastModifiedTime(),
                      attributes.fileKey()));
              if (files.size() > MAX_FILES) {
                throw new IOException(
                    "policy folder " + folder + " holds more than " + MAX_FILES + " files");
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            if (path.equals(folder)) {
              throw new IOException("policy folder " + folder + " cannot be read: " + e, e);
            }
            return FileVisitResult.CONTINUE; // vanished in between, or a dangling link
          }
        });
    return new Look(files, folders);
  }

  private static boolean hidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  static byte[] read(Stamp stamp) throws IOException {
    if (stamp.size() > MAX_BYTES) {
      throw new IOException("it is larger than " + MAX_BYTES + " bytes");
    }
    return Files.readAllBytes(stamp.path());
  }

  /**
   * Reads folders and single files once, for commands.
   *
   * @param paths folders, whose files are named by their path from here, and files of any name
   */
  public static List<SourceFile> readAll(List<Path> paths) throws IOException {
    List<SourceFile> all = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        for (Stamp stamp : look(path).files().values()) {
          all.add(new SourceFile(stamp.path().toString(), read(stamp)));
        }
      } else {
        all.add(new SourceFile(path.toString(), Files.readAllBytes(path)));
      }
    }
    return all;
  }
}
