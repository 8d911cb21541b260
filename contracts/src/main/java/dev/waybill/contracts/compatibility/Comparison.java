package dev.waybill.contracts.compatibility;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One comparison of two descriptor sets, and what it has found so far. */
final class Comparison {
  private final Types old;
  private final Types now;
  private final List<Breakage> found = new ArrayList<>();

  Comparison(Types old, Types now) {
    this.old = old;
    this.now = now;
  }

  List<Breakage> run() {
    each("file", old.files(), now.files(), (name, before, after) -> {});
    each("message", old.messages(), now.messages(), this::message);
    each("enum", old.enums(), now.enums(), this::enumeration);
    each("method", old.methods(), now.methods(), this::method);
    return List.copyOf(found);
  }

  private interface Pair<T> {
    void compare(String name, T before, T after);
  }

  private <T> void each(
      String kind, SortedMap<String, T> before, SortedMap<String, T> after, Pair<T> pair) {
    before.forEach(
        (name, type) -> {
          T same = after.get(name);
          if (same == null) {
            breaks(name, "this %s was removed, keep it: the log still holds it".formatted(kind));
          } else {
            pair.compare(name, type, same);
          }
        });
  }

  private void message(String name, DescriptorProto before, DescriptorProto after) {
    Map<Integer, FieldDescriptorProto> fields =
        byKey(after.getFieldList(), FieldDescriptorProto::getNumber);
    List<Interval> reserved = Interval.of(after);
    for (FieldDescriptorProto field : before.getFieldList()) {
      FieldDescriptorProto same = fields.get(field.getNumber());
      if (same != null) {
        field(name, new Shape(before, field), new Shape(after, same));
      } else if (Interval.missing(reserved, field.getNumber())) {
        breaks(name, removed("field", field.getNumber(), field.getName()));
      }
    }
    stillReserved(name, Interval.of(before), reserved);
  }

  private void field(String name, Shape before, Shape after) {
    if (!before.name().equals(after.name())) {
      breaks(name, reused("field", before.number(), before.name(), after.name()));
    }
    if (!before.type().equals(after.type())) {
      breaks(name, changed(before, "type", before.type(), after.type()));
    }
    if (!before.label().equals(after.label())) {
      breaks(name, changed(before, "label", before.label(), after.label()));
    }
  }

  private static String changed(Shape field, String what, String before, String after) {
    return "field %d (%s) changed its %s from %s to %s, add a field with a new number instead"
        .formatted(field.number(), field.name(), what, before, after);
  }

  /** What a reader depends on in a field. */
  private record Shape(DescriptorProto message, FieldDescriptorProto field) {
    int number() {
      return field.getNumber();
    }

    String name() {
      return field.getName();
    }

    String type() {
      String kind = field.getType().name().substring("TYPE_".length()).toLowerCase(Locale.ROOT);
      return field.getTypeName().isEmpty() ? kind : kind + " " + field.getTypeName();
    }

    String label() {
      if (field.getProto3Optional()) {
        return "optional";
      }
      if (field.hasOneofIndex()) {
        return "oneof " + message.getOneofDecl(field.getOneofIndex()).getName();
      }
      return field.getLabel() == FieldDescriptorProto.Label.LABEL_REPEATED
          ? "repeated"
          : field.getLabel() == FieldDescriptorProto.Label.LABEL_REQUIRED ? "required" : "singular";
    }
  }

  private void enumeration(String name, EnumDescriptorProto before, EnumDescriptorProto after) {
    Map<Integer, EnumValueDescriptorProto> values =
        byKey(after.getValueList(), EnumValueDescriptorProto::getNumber);
    List<Interval> reserved = Interval.of(after);
    for (EnumValueDescriptorProto value : before.getValueList()) {
      EnumValueDescriptorProto same = values.get(value.getNumber());
      if (same == null && Interval.missing(reserved, value.getNumber())) {
        breaks(name, removed("value", value.getNumber(), value.getName()));
      } else if (same != null && !same.getName().equals(value.getName())) {
        breaks(name, reused("value", value.getNumber(), value.getName(), same.getName()));
      }
    }
    stillReserved(name, Interval.of(before), reserved);
  }

  private void method(String name, MethodDescriptorProto before, MethodDescriptorProto after) {
    MethodDescriptorProto plain = before.toBuilder().clearOptions().build();
    if (!plain.equals(after.toBuilder().clearOptions().build())) {
      breaks(name, "its request, answer or streaming changed, add a method instead");
    }
  }

  private void stillReserved(String name, List<Interval> before, List<Interval> after) {
    for (Interval interval : before) {
      if (after.stream().noneMatch(other -> other.covers(interval))) {
        breaks(name, "%s is no longer reserved, put it back".formatted(interval));
      }
    }
  }

  private static String removed(String kind, int number, String name) {
    return "%s %d (%s) was removed, write 'reserved %d;' in its place"
        .formatted(kind, number, name, number);
  }

  private static String reused(String kind, int number, String before, String after) {
    return "%s number %d was %s and is now %s, give the new one a number of its own"
        .formatted(kind, number, before, after);
  }

  private void breaks(String where, String what) {
    found.add(new Breakage(where, what));
  }

  /** The first of equal keys counts: an enum may give one number two names. */
  private static <T> Map<Integer, T> byKey(List<T> list, Function<T, Integer> key) {
    return list.stream()
        .collect(Collectors.toMap(key, Function.identity(), (first, second) -> first));
  }
}
