package dev.waybill.contracts.compatibility;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import java.util.List;

/** Reserved numbers, both ends included: descriptors end messages' ranges one later, enums' not. */
record Interval(int first, int last) {
  static List<Interval> of(DescriptorProto message) {
    return message.getReservedRangeList().stream()
        .map(range -> new Interval(range.getStart(), range.getEnd() - 1))
        .toList();
  }

  static List<Interval> of(EnumDescriptorProto type) {
    return type.getReservedRangeList().stream()
        .map(range -> new Interval(range.getStart(), range.getEnd()))
        .toList();
  }

  static boolean missing(List<Interval> reserved, int number) {
    return reserved.stream().noneMatch(range -> range.covers(new Interval(number, number)));
  }

  boolean covers(Interval other) {
    return first <= other.first && other.last <= last;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + " to " + last;
  }
}
