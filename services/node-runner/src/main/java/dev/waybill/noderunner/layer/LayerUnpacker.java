package dev.waybill.noderunner.layer;

import com.github.luben.zstd.ZstdIOException;
import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import dev.waybill.noderunner.layer.UnpackOutcome.Refused;
import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Turns layers as they come from a registry into directories. */
public final class LayerUnpacker {
  private static final int ROOT_MODE = 0755;

  private final UnpackLimits limits;

  public LayerUnpacker(UnpackLimits limits) {
    this.limits = limits;
  }

  /** What inflates layers on this host: {@code libisal.so.2} where it is installed, else Java. */
  public static String inflater() {
    return IsalLibrary.found().isPresent() ? IsalLibrary.NAME : "java.util.zip";
  }

  /**
   * Unpacks a layer into an empty directory. Whatever comes out but {@link Unpacked}, the directory
   * is of no use and its owner removes it.
   *
   * @param packed the layer, plain or packed, read to its end and not closed
   * @throws IOException if the stream breaks off or the host fails
   */
  public UnpackOutcome unpack(InputStream packed, Path directory) throws IOException {
    try {
      return unpackOrThrow(packed, directory);
    } catch (LayerRefusedException e) {
      return e.outcome();
    } catch (ZipException | ZstdIOException | EOFException e) {
      return new Refused(Reason.MALFORMED, "the layer is cut off or spoilt: " + e.getMessage());
    } catch (SyscallException e) {
      return refusal(e);
    }
  }

  private static UnpackOutcome refusal(SyscallException e) throws SyscallException {
    String said = String.valueOf(e.getMessage());
    return switch (e.errno()) {
      case ENOSPC, EDQUOT ->
          new Refused(Reason.NO_SPACE, "no space left for the layer, free some (" + said + ")");
      case EPERM, ENOSYS -> new Refused(Reason.NOT_PERMITTED, "the host forbids it: " + said);
      case ENAMETOOLONG, EINVAL, ELOOP, ENOTDIR, EISDIR ->
          new Refused(Reason.MALFORMED, said.toLowerCase(Locale.ROOT));
      default -> throw e;
    };
  }

  private UnpackOutcome unpackOrThrow(InputStream packed, Path directory) throws IOException {
    try (MeasuredStream archive =
            new MeasuredStream(LayerStream.unpacked(new KeptOpen(packed)), limits.bytesMax());
        ReadAhead ahead = ReadAhead.of(archive)) {
      TarReader reader = new TarReader(ahead, limits);
      long entries = fill(directory, reader);
      reader.drain();
      packed.transferTo(OutputStream.nullOutputStream());
      return new Unpacked(archive.digest(), entries, archive.count());
    }
  }

  private long fill(Path directory, TarReader reader) throws IOException {
    long entries = 0;
    try (LinuxFiles files = new LinuxFiles();
        OpenDirectories directories = OpenDirectories.below(files, directory)) {
      files.changeMode(directories.root(), ".", ROOT_MODE);
      LayerTree tree = new LayerTree(files, directories, new FileOwnership(files));
      for (@Nullable TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        if (++entries > limits.entriesMax()) {
          throw new LayerRefusedException(
              Reason.OVER_LIMIT, "the layer has more than " + limits.entriesMax() + " entries");
        }
        tree.add(entry, reader);
      }
      tree.finish();
    }
    return entries;
  }

  /** The layer's stream belongs to the caller; what unpacks it has memory of its own to free. */
  private static final class KeptOpen extends FilterInputStream {
    KeptOpen(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return in.read(buffer, offset, length);
    }

    @Override
    public void close() {
      // The caller's to close.
    }
  }
}
