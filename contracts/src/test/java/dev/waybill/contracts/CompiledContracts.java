package dev.waybill.contracts;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The descriptor set that the build publishes, with the sentences above messages and fields. */
final class CompiledContracts {
  private static final int FILE_MESSAGE = 4;
  private static final int MESSAGE_FIELD = 2;

  private final FileDescriptorSet set;
  private final Map<String, Map<List<Integer>, String>> comments = new HashMap<>();

  CompiledContracts() {
    try (InputStream in = EventCatalog.class.getResourceAsStream("contracts.desc")) {
      set = FileDescriptorSet.parseFrom(Objects.requireNonNull(in, "no contracts.desc"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (FileDescriptorProto file : set.getFileList()) {
      Map<List<Integer>, String> of = new HashMap<>();
      for (Location location : file.getSourceCodeInfo().getLocationList()) {
        of.put(location.getPathList(), location.getLeadingComments().strip());
      }
      comments.put(file.getName(), of);
    }
  }

  FileDescriptorSet set() {
    return set;
  }

  /** What the contract says of a top-level message. */
  String comment(Descriptor message) {
    return comment(message, List.of());
  }

  String comment(FieldDescriptor field) {
    return comment(field.getContainingType(), List.of(MESSAGE_FIELD, field.getIndex()));
  }

  private String comment(Descriptor message, List<Integer> rest) {
    var path = new ArrayList<>(List.of(FILE_MESSAGE, message.getIndex()));
    path.addAll(rest);
    return comments.get(message.getFile().getFullName()).getOrDefault(path, "");
  }
}
