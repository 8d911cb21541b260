package dev.waybill.image.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The disk of this machine. */
final class LocalDisk implements Disk {
  @Override
  public Path createTemporary(Path directory) throws IOException {
    return Files.createTempFile(directory, "", "");
  }

  @Override
  public void createFile(Path file) throws IOException {
    Files.createFile(file);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) { // Another ingest may have made it meanwhile.
        throw e;
      }
    }
  }

  @Override
  public FileChannel openEmpty(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  @Override
  public void write(FileChannel file, ByteBuffer content) throws IOException {
    while (content.hasRemaining()) {
      file.write(content);
    }
  }

  @Override
  public void truncate(FileChannel file) throws IOException {
    file.truncate(0);
    file.position(0);
  }

  @Override
  public void force(FileChannel file) throws IOException {
    file.force(true);
  }

  @Override
  public CompletableFuture<Void> forceAhead(FileChannel file) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            file.force(false);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        Thread::startVirtualThread);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void move(Path file, Path target) throws IOException {
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }
}
