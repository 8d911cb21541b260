package dev.waybill.image.store;

import dev.waybill.image.store.s3.S3BlobStore;
import dev.waybill.image.store.s3.S3Settings;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.SplittableRandom;

/** A process that stores one blob and reads it back. */
final class BigBlobProgram {
  private static final int PIECE_BYTES = 1 << 20;

  private BigBlobProgram() {}

  /** Arguments: bytes, directory, and for S3 bucket, endpoint and credentials file. */
  public static void main(String[] arguments) throws IOException {
    long bytes = Long.parseLong(arguments[0]);
    BlobStore store = open(arguments);
    MessageDigest written = Digest.sha256();
    SplittableRandom random = new SplittableRandom(1);
    byte[] piece = new byte[PIECE_BYTES];
    StoredBlob blob;
    try (BlobWriter writer = store.prepare()) {
      for (long left = bytes; left > 0; left -= piece.length) {
        random.nextBytes(piece);
        written.update(piece);
        writer.write(ByteBuffer.wrap(piece));
      }
      Digest digest = Digest.finish(written);
      writer.commit(digest);
      blob = store.find(digest).orElseThrow();
    }
    MessageDigest read = Digest.sha256();
    try (InputStream content = store.open(blob)) {
      for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
        read.update(piece, 0, count);
      }
    }
    if (!Digest.finish(read).equals(blob.digest()) || blob.size() != bytes) {
      throw new IllegalStateException("read back something else than was written");
    }
    System.out.println("read back what was written");
  }

  private static BlobStore open(String[] arguments) throws IOException {
    Path data = Path.of(arguments[1]);
    return arguments.length == 2
        ? DiskBlobStore.open(data)
        : S3BlobStore.open(
            new S3Settings(
                arguments[2],
                "",
                Optional.of(URI.create(arguments[3])),
                Optional.empty(),
                S3Settings.Addressing.PATH,
                Optional.of(Path.of(arguments[4]))),
            data);
  }
}
