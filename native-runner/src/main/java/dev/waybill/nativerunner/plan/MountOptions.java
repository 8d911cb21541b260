package dev.waybill.nativerunner.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options of a mount, sorted by what the kernel makes of them.
 *
 * @param data options of the file system itself
 * @param set attributes to set
 * @param clear attributes to clear
 * @param attributesRecursive whether the attributes also hold for mounts below
 * @param propagation propagation flag; 0 leaves it
 * @param bind whether a tree of the host is meant
 * @param recursive whether mounts below the source come along
 * @param copyUp whether a new tmpfs begins with what the directory holds
 * @param idmap whether owners are to be shown by other ids
 */
record MountOptions(
    List<String> data,
    long set,
    long clear,
    boolean attributesRecursive,
    int propagation,
    boolean bind,
    boolean recursive,
    boolean copyUp,
    boolean idmap) {

  private static final int RECURSIVE = 1 << 14;

  private static final long RDONLY = 1;
  private static final long ATIME_MASK = 0x70;

  private record Attribute(long set, long clear) {}

  private static final Map<String, Attribute> ATTRIBUTES =
      Map.ofEntries(
          Map.entry("ro", new Attribute(RDONLY, 0)),
          Map.entry("rw", new Attribute(0, RDONLY)),
          Map.entry("nosuid", new Attribute(2, 0)),
          Map.entry("suid", new Attribute(0, 2)),
          Map.entry("nodev", new Attribute(4, 0)),
          Map.entry("dev", new Attribute(0, 4)),
          Map.entry("noexec", new Attribute(8, 0)),
          Map.entry("exec", new Attribute(0, 8)),
          Map.entry("relatime", new Attribute(0, ATIME_MASK)),
          Map.entry("norelatime", new Attribute(0, 0)),
          Map.entry("noatime", new Attribute(0x10, ATIME_MASK)),
          Map.entry("atime", new Attribute(0, ATIME_MASK)),
          Map.entry("strictatime", new Attribute(0x20, ATIME_MASK)),
          Map.entry("nostrictatime", new Attribute(0, ATIME_MASK)),
          Map.entry("nodiratime", new Attribute(0x80, 0)),
          Map.entry("diratime", new Attribute(0, 0x80)),
          Map.entry("nosymfollow", new Attribute(0x200000, 0)),
          Map.entry("symfollow", new Attribute(0, 0x200000)),
          Map.entry("defaults", new Attribute(0, 0)));

  private static final Map<String, Integer> PROPAGATIONS =
      Map.of("shared", 1 << 20, "slave", 1 << 19, "private", 1 << 18, "unbindable", 1 << 17);

  /** Words that say something to other programs, or nothing to this kernel. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("silent", "loud", "iversion", "noiversion", "_netdev", "auto", "noauto", "nofail");

  static MountOptions parse(List<String> options) {
    List<String> data = new ArrayList<>();
    long set = 0;
    long clear = 0;
    boolean attributesRecursive = false;
    int propagation = 0;
    boolean bind = false;
    boolean recursive = false;
    boolean copyUp = false;
    boolean idmap = false;
    for (String option : options) {
      String plain = option.startsWith("r") ? option.substring(1) : option;
      boolean below = !ATTRIBUTES.containsKey(option);
      Attribute attribute = ATTRIBUTES.get(below ? plain : option);
      if (option.equals("bind") || option.equals("rbind")) {
        bind = true;
        recursive |= option.equals("rbind");
      } else if (attribute != null) {
        attributesRecursive |= below;
        // The last word about an attribute counts.
        set = set & ~attribute.clear() | attribute.set();
        clear = clear & ~attribute.set() | attribute.clear();
      } else if (PROPAGATIONS.containsKey(option) || PROPAGATIONS.containsKey(plain)) {
        propagation =
            PROPAGATIONS.containsKey(option)
                ? PROPAGATIONS.get(option)
                : PROPAGATIONS.getOrDefault(plain, 0) | RECURSIVE;
      } else if (option.equals("tmpcopyup")) {
        copyUp = true;
      } else if (option.equals("idmap") || option.equals("ridmap")) {
        idmap = true;
      } else if (!option.isEmpty() && !WITHOUT_EFFECT.contains(option)) {
        data.add(option);
      }
    }
    if ((set & ATIME_MASK) != 0) {
      clear |= ATIME_MASK; // the kernel wants the whole field cleared before a part is set
    }
    return new MountOptions(
        data, set, clear, attributesRecursive, propagation, bind, recursive, copyUp, idmap);
  }
}
