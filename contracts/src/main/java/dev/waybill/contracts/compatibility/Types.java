package dev.waybill.contracts.compatibility;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.SortedMap;
import java.util.TreeMap;

/** All types of a descriptor set by full name, nested ones too. */
record Types(
    SortedMap<String, FileDescriptorProto> files,
    SortedMap<String, DescriptorProto> messages,
    SortedMap<String, EnumDescriptorProto> enums,
    SortedMap<String, MethodDescriptorProto> methods) {

  static Types of(FileDescriptorSet set) {
    var types = new Types(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    set.getFileList().forEach(types::add);
    return types;
  }

  private void add(FileDescriptorProto file) {
    files.put(file.getName(), file);
    file.getEnumTypeList()
        .forEach(type -> enums.put(file.getPackage() + "." + type.getName(), type));
    file.getMessageTypeList().forEach(type -> add(file.getPackage(), type));
    for (ServiceDescriptorProto service : file.getServiceList()) {
      String name = file.getPackage() + "." + service.getName();
      service.getMethodList().forEach(method -> methods.put(name + "/" + method.getName(), method));
    }
  }

  private void add(String scope, DescriptorProto message) {
    String name = scope + "." + message.getName();
    messages.put(name, message);
    message.getEnumTypeList().forEach(type -> enums.put(name + "." + type.getName(), type));
    message.getNestedTypeList().forEach(nested -> add(name, nested));
  }
}
