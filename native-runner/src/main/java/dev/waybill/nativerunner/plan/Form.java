package dev.waybill.nativerunner.plan;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * An operation as its code, name and fields: the one description that the encoding, the text and
 * the JSON of a plan are made from. The executor's table (OPERATIONS in plan.h) has the same rows.
 */
record Form(int code, String name, List<Field> fields) {

  /**
   * One field.
   *
   * @param type as in the executor's signatures: {@code u} u32, {@code U} u64, {@code s} text,
   *     {@code b} bytes, {@code l} list of texts
   * @param value Integer, Long, String, byte[] or List of String, by the type
   * @param show how people read it, worked out only for those who do
   */
  record Field(String name, char type, Object value, Supplier<String> show) {
    String shown() {
      return show.get();
    }
  }

  /** The executor's signature of this operation. */
  String signature() {
    return fields.stream().map(f -> String.valueOf(f.type())).collect(Collectors.joining());
  }

  private static Form form(int code, String name, Field... fields) {
    return new Form(code, name, List.of(fields));
  }

  private static Field text(String name, String value) {
    return new Field(name, 's', value, () -> Text.quoted(value));
  }

  private static Field number(String name, int value) {
    return new Field(name, 'u', value, () -> Integer.toUnsignedString(value));
  }

  private static Field octal(String name, int value) {
    return new Field(name, 'u', value, () -> "0" + Integer.toOctalString(value));
  }

  private static Field big(String name, long value) {
    return new Field(
        name, 'U', value, () -> value == -1 ? "unlimited" : Long.toUnsignedString(value));
  }

  private static Field flag(String name, boolean value) {
    return new Field(name, 'u', value ? 1 : 0, () -> value ? "yes" : "no");
  }

  private static Field small(String name, int value, Text.Flags names) {
    return new Field(name, 'u', value, () -> names.show(Integer.toUnsignedLong(value)));
  }

  private static Field wide(String name, long value, Text.Flags names) {
    return new Field(name, 'U', value, () -> names.show(value));
  }

  private static Field list(String name, List<String> value) {
    return new Field(
        name,
        'l',
        value,
        () -> value.stream().map(Text::quoted).collect(Collectors.joining(" ", "[", "]")));
  }

  private static Field bytes(String name, byte[] value, Supplier<String> show) {
    return new Field(name, 'b', value, show);
  }

  private static Field bytes(String name, Bytes value) {
    return bytes(name, value.toArray(), value::toString);
  }

  static Form of(Op op) {
    return switch (op) {
      case Op.MakeDir(var path, var mode) ->
          form(1, "make_dir", text("path", path), octal("mode", mode));
      case Op.WriteFile(var path, var value) ->
          form(2, "write_file", text("path", path), text("value", value));
      case Op.StateDir(var path, var waits, var locked) ->
          form(3, "state_dir", text("path", path), flag("waits", waits), flag("locked", locked));
      case Op.Monitor(var log, var bytes, var files, var flags) ->
          form(
              4,
              "monitor",
              text("log", log),
              big("log_bytes_max", bytes),
              number("log_files_max", files),
              small("flags", flags, Text.MONITOR));
      case Op.Join(var path, var type) ->
          form(5, "join", text("path", path), small("type", type, Text.NAMESPACES));
      case Op.JoinProcess(var pid, var start, var namespaces) ->
          form(
              6,
              "join_process",
              number("pid", pid),
              big("start", start),
              small("namespaces", namespaces, Text.NAMESPACES));
      case Op.Console(var socket) -> form(7, "console", text("socket", socket));
      case Op.Clone(var namespaces, var cgroup) ->
          form(
              8, "clone", small("namespaces", namespaces, Text.NAMESPACES), text("cgroup", cgroup));
      case Op.JoinCgroup(var path) -> form(9, "join_cgroup", text("path", path));
      case Op.MapIds(var uids, var gids, var deny) ->
          form(10, "map_ids", text("uids", uids), text("gids", gids), flag("deny_setgroups", deny));
      case Op.OomScore(var value) -> form(11, "oom_score", text("value", Integer.toString(value)));
      case Op.AwaitParent() -> form(12, "await_parent");
      case Op.Unshare(var namespaces) ->
          form(13, "unshare", small("namespaces", namespaces, Text.NAMESPACES));
      default -> Form.ofInside(op);
    };
  }

  /** Those of the container and start phases. */
  private static Form ofInside(Op op) {
    return switch (op) {
      case Op.Propagation(var flags) ->
          form(14, "propagation", small("flags", flags, Text.PROPAGATION));
      case Op.RootBind(var source) -> form(15, "root_bind", text("source", source));
      case Op.RootOverlay(var target, var lower, var upper, var work, var ephemeral) ->
          form(
              16,
              "root_overlay",
              text("target", target),
              list("lower", lower),
              text("upper", upper),
              text("work", work),
              flag("volatile", ephemeral));
      case Op.Mount mount ->
          form(
              17,
              "mount",
              text("type", mount.type()),
              text("source", mount.source()),
              list("options", mount.options()),
              text("target", mount.target()),
              wide("attributes", mount.attributes(), Text.ATTRIBUTES),
              small("propagation", mount.propagation(), Text.PROPAGATION),
              flag("copy_up", mount.copyUp()));
      case Op.Bind bind ->
          form(
              18,
              "bind",
              text("source", bind.source()),
              text("target", bind.target()),
              flag("recursive", bind.recursive()),
              wide("set", bind.set(), Text.ATTRIBUTES),
              wide("clear", bind.clear(), Text.ATTRIBUTES),
              flag("attributes_recursive", bind.attributesRecursive()),
              small("propagation", bind.propagation(), Text.PROPAGATION),
              number("tree", bind.tree()));
      case Op.MakeNode(var path, var mode, var major, var minor, var uid, var gid) ->
          form(
              19,
              "make_node",
              text("path", path),
              octal("mode", mode),
              number("major", major),
              number("minor", minor),
              number("uid", uid),
              number("gid", gid));
      case Op.Symlink(var target, var path) ->
          form(20, "symlink", text("target", target), text("path", path));
      case Op.EnsureDir(var path, var mode) ->
          form(21, "ensure_dir", text("path", path), octal("mode", mode));
      case Op.Mask(var path) -> form(22, "mask", text("path", path));
      case Op.ReadOnly(var path) -> form(23, "read_only", text("path", path));
      case Op.RootAttributes(var set, var propagation) ->
          form(
              24,
              "root_attributes",
              wide("set", set, Text.ATTRIBUTES),
              small("propagation", propagation, Text.PROPAGATION));
      case Op.Terminal(var rows, var columns, var console) ->
          form(
              25,
              "terminal",
              number("rows", rows),
              number("columns", columns),
              flag("console", console));
      case Op.PivotRoot(var way) -> form(26, "pivot_root", number("way", way));
      case Op.Hostname(var name) -> form(27, "hostname", text("name", name));
      case Op.Domainname(var name) -> form(28, "domainname", text("name", name));
      case Op.Sysctl(var path, var value) ->
          form(29, "sysctl", text("path", path), text("value", value));
      case Op.AwaitStart() -> form(30, "await_start");
      default -> Form.ofProcess(op);
    };
  }

  /** Those about the process itself. */
  private static Form ofProcess(Op op) {
    return switch (op) {
      case Op.Rlimit(var resource, var soft, var hard) ->
          form(
              31,
              "rlimit",
              new Field("resource", 'u', resource, () -> Rlimits.name(resource)),
              big("soft", soft),
              big("hard", hard));
      case Op.Bounding(var keep) -> form(32, "bounding", wide("keep", keep, Text.CAPABILITIES));
      case Op.SetIds(var uid, var gid, var groups) ->
          form(
              33,
              "set_ids",
              number("uid", uid),
              number("gid", gid),
              bytes("groups", Encoding.words(groups), groups::toString));
      case Op.Capabilities(var effective, var permitted, var inheritable, var ambient) ->
          form(
              34,
              "capabilities",
              wide("effective", effective, Text.CAPABILITIES),
              wide("permitted", permitted, Text.CAPABILITIES),
              wide("inheritable", inheritable, Text.CAPABILITIES),
              wide("ambient", ambient, Text.CAPABILITIES));
      case Op.NoNewPrivs() -> form(35, "no_new_privs");
      case Op.Seccomp(var filter, var flags, var state) ->
          form(
              36,
              "seccomp",
              bytes("filter", filter),
              number("flags", flags),
              text("listener_state", state));
      case Op.Chdir(var path) -> form(37, "chdir", text("path", path));
      case Op.Umask(var mask) -> form(38, "umask", octal("mask", mask));
      case Op.Exec(var args, var env) -> form(39, "exec", list("args", args), list("env", env));
      case Op.DeviceProgram(var cgroup, var program) ->
          form(40, "device_program", text("cgroup", cgroup), bytes("program", program));
      case Op.KeepFds(var count) -> form(41, "keep_fds", number("count", count));
      default -> Form.ofFurther(op);
    };
  }

  /** Those that few containers need. */
  private static Form ofFurther(Op op) {
    return switch (op) {
      case Op.Hook hook ->
          form(
              42,
              "hook",
              text("path", hook.path()),
              list("args", hook.args()),
              list("env", hook.env()),
              number("timeout_s", hook.timeoutSeconds()),
              text("state", hook.state()),
              flag("fatal", hook.fatal()));
      case Op.MeetChild() -> form(43, "meet_child");
      case Op.MeetParent() -> form(44, "meet_parent");
      case Op.IdmapTree(var source, var recursive, var uids, var gids) ->
          form(
              45,
              "idmap_tree",
              text("source", source),
              flag("recursive", recursive),
              text("uids", uids),
              text("gids", gids));
      case Op.Personality(var persona) -> form(46, "personality", number("persona", persona));
      case Op.Scheduler s ->
          form(
              47,
              "scheduler",
              number("policy", s.policy()),
              big("flags", s.flags()),
              new Field("nice", 'u', s.nice(), () -> Integer.toString(s.nice())),
              number("priority", s.priority()),
              big("runtime_ns", s.runtime()),
              big("deadline_ns", s.deadline()),
              big("period_ns", s.period()));
      case Op.IoPriority(var value) -> form(48, "io_priority", number("value", value));
      case Op.CpuAffinity(var mask) -> form(49, "cpu_affinity", bytes("mask", mask));
      case Op.MemoryPolicy(var mode, var nodes) ->
          form(50, "memory_policy", number("mode", mode), bytes("nodes", nodes));
      case Op.SeccompListener(var socket) -> form(51, "seccomp_listener", text("socket", socket));
      case Op.PrivateParent(var path) -> form(52, "private_parent", text("path", path));
      case Op.SessionKeyring(var name) -> form(53, "session_keyring", text("name", name));
      case Op.FindProgram(var program, var path) ->
          form(54, "find_program", text("program", program), text("path", path));
      case Op.FindHome(var uid) -> form(60, "find_home", number("uid", uid));
      case Op.InheritCpuset(var path) -> form(62, "inherit_cpuset", text("path", path));
      case Op.Loopback() -> form(61, "loopback");
      case Op.MapIdsBy(var program, var lines) ->
          form(55, "map_ids_by", text("program", program), text("lines", lines));
      case Op.TimeSpace(var offsets) -> form(56, "time_space", text("offsets", offsets));
      case Op.OwnCgroup(var path, var uid) ->
          form(58, "own_cgroup", text("path", path), number("uid", uid));
      case Op.SystemdScope(var unit, var message, var pidAt) ->
          form(
              59,
              "systemd_scope",
              text("unit", unit),
              bytes("message", message),
              number("pid_at", pidAt));
      case Op.MoveLink(var device, var name) ->
          form(57, "move_link", text("device", device), text("name", name));
      default -> throw new IllegalStateException("no form for " + op.getClass().getSimpleName());
    };
  }
}
