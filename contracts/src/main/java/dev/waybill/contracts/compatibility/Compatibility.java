package dev.waybill.contracts.compatibility;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether new contracts can read all that old ones wrote. */
public final class Compatibility {
  private Compatibility() {}

  /** Every change in {@code now} that misreads what {@code old} wrote; empty if there is none. */
  public static List<Breakage> compare(FileDescriptorSet old, FileDescriptorSet now) {
    return new Comparison(Types.of(old), Types.of(now)).run();
  }

  /**
   * What of a compiled descriptor set a baseline keeps: our own files, without comments, options
   * and the JSON names, which follow from the fields' names.
   */
  public static FileDescriptorSet baseline(FileDescriptorSet compiled) {
    var kept = FileDescriptorSet.newBuilder();
    compiled.getFileList().stream()
        .filter(file -> !file.getPackage().startsWith("google."))
        .sorted((a, b) -> a.getName().compareTo(b.getName()))
        .map(Compatibility::bare)
        .forEach(kept::addFile);
    return kept.build();
  }

  private static FileDescriptorProto bare(FileDescriptorProto file) {
    FileDescriptorProto.Builder bare =
        file.toBuilder().clearSourceCodeInfo().clearOptions().clearExtension();
    bare.getMessageTypeBuilderList().forEach(Compatibility::strip);
    return bare.build();
  }

  private static void strip(DescriptorProto.Builder message) {
    // A nested map entry is known by its option.
    boolean mapEntry = message.getOptions().getMapEntry();
    message.clearOptions();
    if (mapEntry) {
      message.getOptionsBuilder().setMapEntry(true);
    }
    message.getFieldBuilderList().forEach(field -> field.clearJsonName().clearOptions());
    message.getNestedTypeBuilderList().forEach(Compatibility::strip);
  }

  /** {@code BASELINE.textproto COMPILED.desc}: fails with every breakage on a line of its own. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException("give the baseline's text and a compiled descriptor set");
    }
    FileDescriptorSet old = read(Path.of(arguments[0]));
    FileDescriptorSet now =
        baseline(FileDescriptorSet.parseFrom(Files.readAllBytes(Path.of(arguments[1]))));
    List<Breakage> breakages = compare(old, now);
    if (!breakages.isEmpty()) {
      throw new IllegalStateException(
          "the contracts break what is on the log:\n"
              + String.join("\n", breakages.stream().map(Breakage::toString).toList()));
    }
  }

  /** A baseline from its text. */
  public static FileDescriptorSet read(Path baseline) throws IOException {
    return TextFormat.parse(Files.readString(baseline), FileDescriptorSet.class);
  }
}
