package dev.waybill.contracts.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import org.junit.jupiter.api.Test;

/** Each kind of breakage on a small pair of descriptors. */
class CompatibilityTest {
  private static final String NODE = field("node_id", 1, "TYPE_STRING", "");
  private static final String PORT = field("port", 2, "TYPE_UINT32", "");

  private static String field(String name, int number, String type, String more) {
    return "field { name: '%s' number: %d type: %s label: LABEL_OPTIONAL %s }\n"
        .formatted(name, number, type, more);
  }

  private static String message(String body) {
    return "message_type { name: 'Placed' " + body + "}";
  }

  private static String values(String body) {
    return "enum_type { name: 'Why' value { name: 'WHY_UNSPECIFIED' number: 0 } " + body + "}";
  }

  private static FileDescriptorSet set(String content) {
    try {
      return TextFormat.parse(
          "file { name: 'a.proto' package: 'test.v1' %s }".formatted(content),
          FileDescriptorSet.class);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(e);
    }
  }

  private static void breaks(String before, String after, String sentence) {
    assertThat(Compatibility.compare(set(before), set(after)))
        .extracting(Breakage::toString)
        .containsExactly(sentence);
  }

  @Test
  void adding_a_field_a_value_and_a_message_breaks_nothing() {
    String before = message(NODE) + values("");
    String after =
        message(NODE + PORT)
            + values("value { name: 'B' number: 1 }")
            + "message_type { name: 'C' }";
    assertThat(Compatibility.compare(set(before), set(after))).isEmpty();
  }

  @Test
  void a_removed_field_needs_its_number_reserved() {
    breaks(
        message(NODE + PORT),
        message(NODE),
        "test.v1.Placed: field 2 (port) was removed, write 'reserved 2;' in its place");
    assertThat(
            Compatibility.compare(
                set(message(NODE + PORT)),
                set(message(NODE + "reserved_range { start: 2 end: 3 }"))))
        .isEmpty();
  }

  @Test
  void a_field_number_is_not_given_to_another_name() {
    breaks(
        message(PORT),
        message(field("address", 2, "TYPE_UINT32", "")),
        "test.v1.Placed: field number 2 was port and is now address, give the new one a number of"
            + " its own");
  }

  @Test
  void a_field_keeps_its_type() {
    breaks(
        message(PORT),
        message(field("port", 2, "TYPE_STRING", "")),
        "test.v1.Placed: field 2 (port) changed its type from uint32 to string, add a field with a"
            + " new number instead");
  }

  @Test
  void a_field_keeps_the_message_that_it_holds() {
    breaks(
        message(field("spec", 1, "TYPE_MESSAGE", "type_name: '.test.v1.A'")),
        message(field("spec", 1, "TYPE_MESSAGE", "type_name: '.test.v1.B'")),
        "test.v1.Placed: field 1 (spec) changed its type from message .test.v1.A to message"
            + " .test.v1.B, add a field with a new number instead");
  }

  @Test
  void a_field_keeps_its_label() {
    breaks(
        message(NODE),
        message("field { name: 'node_id' number: 1 type: TYPE_STRING label: LABEL_REPEATED }"),
        "test.v1.Placed: field 1 (node_id) changed its label from singular to repeated, add a field"
            + " with a new number instead");
  }

  @Test
  void a_field_does_not_move_into_a_oneof() {
    breaks(
        message(NODE),
        message(
            field("node_id", 1, "TYPE_STRING", "oneof_index: 0") + "oneof_decl { name: 'target' }"),
        "test.v1.Placed: field 1 (node_id) changed its label from singular to oneof target, add a"
            + " field with a new number instead");
  }

  @Test
  void a_reserved_number_stays_reserved() {
    breaks(
        message("reserved_range { start: 4 end: 6 }"),
        message("reserved_range { start: 4 end: 5 }"),
        "test.v1.Placed: 4 to 5 is no longer reserved, put it back");
  }

  @Test
  void a_removed_enum_value_needs_its_number_reserved() {
    String before = values("value { name: 'WHY_ASKED' number: 1 }");
    breaks(
        before,
        values(""),
        "test.v1.Why: value 1 (WHY_ASKED) was removed, write 'reserved 1;' in its place");
    assertThat(
            Compatibility.compare(set(before), set(values("reserved_range { start: 1 end: 1 }"))))
        .isEmpty();
  }

  @Test
  void an_enum_number_is_not_given_to_another_name() {
    breaks(
        values("value { name: 'WHY_ASKED' number: 1 }"),
        values("value { name: 'WHY_LOST' number: 1 }"),
        "test.v1.Why: value number 1 was WHY_ASKED and is now WHY_LOST, give the new one a number"
            + " of its own");
  }

  @Test
  void a_message_is_never_removed_and_neither_is_an_enum() {
    breaks(
        message(NODE),
        "",
        "test.v1.Placed: this message was removed, keep it: the log still holds it");
    breaks(values(""), "", "test.v1.Why: this enum was removed, keep it: the log still holds it");
  }

  @Test
  void a_nested_message_is_compared_too() {
    breaks(
        "message_type { name: 'Outer' nested_type { name: 'Inner' " + NODE + "} }",
        "message_type { name: 'Outer' nested_type { name: 'Inner' } }",
        "test.v1.Outer.Inner: field 1 (node_id) was removed, write 'reserved 1;' in its place");
  }

  @Test
  void a_file_is_never_removed() {
    assertThat(Compatibility.compare(set(""), FileDescriptorSet.getDefaultInstance()))
        .extracting(Breakage::where)
        .containsExactly("a.proto");
  }

  @Test
  void a_method_keeps_its_types() {
    String service =
        "service { name: 'Runner' method { name: 'Start' input_type: '.test.v1.%s' } }";
    breaks(
        service.formatted("A"),
        service.formatted("B"),
        "test.v1.Runner/Start: its request, answer or streaming changed, add a method instead");
  }
}
