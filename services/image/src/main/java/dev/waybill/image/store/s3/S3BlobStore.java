package dev.waybill.image.store.s3;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.Content;
import dev.waybill.image.store.SetAside;
import dev.waybill.image.store.Spool;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.S3Client;

/** A {@link BlobStore} in a bucket. */
public final class S3BlobStore implements BlobStore {
  private static final String BLOBS = "blobs/";
  private static final String QUARANTINE = "quarantine/";
  private static final String HEX = "([0-9a-f]{64}(?:[0-9a-f]{64})?)";
  private static final Pattern BLOB = Pattern.compile(BLOBS + "sha(?:256|512)/[0-9a-f]{2}/" + HEX);
  private static final Pattern SET_ASIDE = Pattern.compile("^" + QUARANTINE + HEX + "$");
  private static final int TURNS = 256;

  private final S3Bucket bucket;
  private final Path ingest;
  private final Map<Digest, StoredBlob> stored = new ConcurrentHashMap<>();

  /** Whoever adds or removes content has the turn of its digest, so that it is known as it is. */
  private final Lock[] turns =
      Stream.generate(ReentrantLock::new).limit(TURNS).toArray(Lock[]::new);

  private S3BlobStore(S3Bucket bucket, Path ingest) {
    this.bucket = bucket;
    this.ingest = ingest;
  }

  /**
   * Opens the store, lists what there is, and removes what a process that died left half-written,
   * here and there. Only one process may have this prefix open.
   *
   * @param data directory of this machine for content that arrives
   * @throws StoreFailedException if the bucket can't be used; says why in one line
   */
  public static S3BlobStore open(S3Settings settings, Path data) throws IOException {
    return open(settings, S3Limits.DEFAULT, data);
  }

  static S3BlobStore open(S3Settings settings, S3Limits limits, Path data) throws IOException {
    S3Client client = new S3Failures(settings).telling("", () -> S3Connection.open(settings));
    S3Bucket bucket = new S3Bucket(client, settings, limits);
    try {
      S3BlobStore store = new S3BlobStore(bucket, Spool.directory(data));
      bucket.list(BLOBS).forEach(store::found);
      bucket.abortUploads();
      return store;
    } catch (IOException | RuntimeException e) {
      bucket.close();
      throw e;
    }
  }

  private void found(S3Bucket.Entry entry) {
    Matcher matcher = BLOB.matcher(entry.key());
    if (matcher.matches()) {
      Digest digest = Digest.ofHex(matcher.group(1));
      stored.put(digest, new StoredBlob(digest, entry.size()));
    }
  }

  @Override
  public Optional<StoredBlob> find(Digest digest) {
    return Optional.ofNullable(stored.get(digest));
  }

  @Override
  public byte[] read(StoredBlob blob) throws IOException {
    try (InputStream content = open(blob)) {
      return content.readAllBytes();
    }
  }

  @Override
  public InputStream open(StoredBlob blob) throws IOException {
    return open(blob, 0, blob.size());
  }

  private InputStream open(StoredBlob blob, long offset, long length) throws IOException {
    if (length == 0) {
      return InputStream.nullInputStream(); // A range can't be empty.
    }
    try {
      return bucket.open(keyOf(blob.digest()), blob.size(), offset, length);
    } catch (NoSuchFileException removed) {
      stored.remove(blob.digest(), blob); // By somebody else than us: it counts as lost.
      throw removed;
    } catch (OtherSizeException damaged) {
      // From now on it is known with the size that it has, so that whoever finds it suspects it.
      bucket.list(keyOf(blob.digest())).forEach(this::found);
      throw damaged;
    }
  }

  @Override
  public Content content(StoredBlob blob) {
    return (Content.Streamed) (offset, length) -> open(blob, offset, length);
  }

  @Override
  public BlobWriter prepare() throws IOException {
    return new S3BlobWriter(this, Spool.open(ingest));
  }

  /** Sends what was spooled, unless it is stored already. */
  StoredBlob publish(Digest digest, Spool spool) throws IOException {
    Lock turn = turn(digest);
    turn.lock();
    try {
      StoredBlob present = stored.get(digest);
      if (present != null) {
        return present;
      }
      bucket.put(keyOf(digest), spool.file(), spool.size());
      StoredBlob blob = new StoredBlob(digest, spool.size());
      stored.put(digest, blob);
      return blob;
    } finally {
      turn.unlock();
    }
  }

  @Override
  public boolean delete(Digest digest) throws IOException {
    Lock turn = turn(digest);
    turn.lock();
    try {
      if (!stored.containsKey(digest)) {
        return false;
      }
      bucket.delete(keyOf(digest));
      stored.remove(digest);
      return true;
    } finally {
      turn.unlock();
    }
  }

  @Override
  public void setAside(Digest digest) throws IOException {
    Lock turn = turn(digest);
    turn.lock();
    try {
      StoredBlob blob = stored.get(digest);
      if (blob == null) {
        throw new NoSuchFileException(keyOf(digest));
      }
      bucket.copy(keyOf(digest), QUARANTINE + digest.hex(), blob.size());
      bucket.delete(keyOf(digest));
      stored.remove(digest);
    } finally {
      turn.unlock();
    }
  }

  @Override
  public Collection<SetAside> quarantine() throws IOException {
    return bucket.list(QUARANTINE).stream()
        .flatMap(entry -> SET_ASIDE.matcher(entry.key()).results().map(key -> setAside(key, entry)))
        .toList();
  }

  private static SetAside setAside(MatchResult key, S3Bucket.Entry entry) {
    return new SetAside(Digest.ofHex(key.group(1)), entry.size(), entry.modified());
  }

  @Override
  public boolean discard(Digest digest) throws IOException {
    boolean there = quarantine().stream().anyMatch(kept -> kept.digest().equals(digest));
    bucket.delete(QUARANTINE + digest.hex());
    return there;
  }

  @Override
  public Collection<StoredBlob> all() {
    return stored.values().stream().toList();
  }

  private Lock turn(Digest digest) {
    return turns[Math.floorMod(digest.hashCode(), TURNS)];
  }

  private static String keyOf(Digest digest) {
    return BLOBS + digest.algorithm() + "/" + digest.hex().substring(0, 2) + "/" + digest.hex();
  }

  @Override
  public void close() {
    bucket.close();
  }
}
