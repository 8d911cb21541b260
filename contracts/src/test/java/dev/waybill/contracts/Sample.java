package dev.waybill.contracts;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A full message of a type: every field set, the same each time.
 *
 * @param variant which member of each oneof is set, counted from 0
 */
record Sample(int variant) {
  private static final int DEPTH_MAX = 8;

  /** How many variants it takes to set every member of every oneof in reach. */
  static int variants(Descriptor type) {
    return variants(type, new HashSet<>());
  }

  private static int variants(Descriptor type, Set<String> seen) {
    int most = 1;
    if (seen.add(type.getFullName())) {
      for (var oneof : type.getRealOneofs()) {
        most = Math.max(most, oneof.getFieldCount());
      }
      for (FieldDescriptor field : type.getFields()) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          most = Math.max(most, variants(field.getMessageType(), seen));
        }
      }
    }
    return most;
  }

  Message of(Message prototype) {
    Message.Builder builder = prototype.newBuilderForType();
    fill(builder, 0);
    return builder.build();
  }

  private void fill(Message.Builder builder, int depth) {
    if (depth > DEPTH_MAX) {
      throw new IllegalStateException(
          builder.getDescriptorForType().getFullName()
              + " is nested too deep, limit its recursion");
    }
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      if (field.getRealContainingOneof() != null && !chosen(field)) {
        continue;
      }
      if (field.isRepeated()) {
        builder.addRepeatedField(field, value(builder, field, 1, depth));
        builder.addRepeatedField(field, value(builder, field, 2, depth));
      } else {
        builder.setField(field, value(builder, field, 1, depth));
      }
    }
  }

  private boolean chosen(FieldDescriptor field) {
    List<FieldDescriptor> members = field.getRealContainingOneof().getFields();
    return members.get(variant % members.size()).equals(field);
  }

  private Object value(Message.Builder builder, FieldDescriptor field, int which, int depth) {
    long number = field.getNumber() * 100L + which;
    return switch (field.getJavaType()) {
      case STRING -> field.getName() + "-" + which;
      case INT -> Math.toIntExact(number);
      case LONG -> number * 1_000_000_007L;
      case BOOLEAN -> true;
      case FLOAT -> number + 0.5f;
      case DOUBLE -> number + 0.25;
      case BYTE_STRING -> ByteString.copyFromUtf8(field.getName() + "-" + which);
      case ENUM -> enumValue(field, which);
      case MESSAGE -> {
        Message.Builder nested = builder.newBuilderForField(field);
        fill(nested, depth + 1);
        if (field.isMapField()) {
          FieldDescriptor key = nested.getDescriptorForType().findFieldByNumber(1);
          nested.setField(key, value(nested, key, which, depth));
        }
        yield nested.build();
      }
    };
  }

  private static EnumValueDescriptor enumValue(FieldDescriptor field, int which) {
    List<EnumValueDescriptor> values = field.getEnumType().getValues();
    return values.get(which % values.size());
  }
}
