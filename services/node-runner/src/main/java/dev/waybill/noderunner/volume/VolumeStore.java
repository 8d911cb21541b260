package dev.waybill.noderunner.volume;

import dev.waybill.contracts.spec.Mount;
import dev.waybill.oci.runtime.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Named volumes below one directory; an anonymous one is named after its container. */
public final class VolumeStore {
  private final Path root;

  public VolumeStore(Path root) {
    this.root = root;
  }

  /** Mounts as the runtime wants them; named volumes are made where they are new. */
  public List<Spec.Mount> resolve(String containerId, List<Mount> wishes) throws IOException {
    var mounts = new ArrayList<Spec.Mount>();
    for (int i = 0; i < wishes.size(); i++) {
      mounts.add(resolve(containerId + "-" + i, wishes.get(i)));
    }
    return mounts;
  }

  private Spec.Mount resolve(String anonymousName, Mount wish) throws IOException {
    String access = wish.getReadOnly() ? "ro" : "rw";
    return switch (wish.getType()) {
      case MOUNT_TYPE_VOLUME -> {
        String name = wish.getSource().isEmpty() ? anonymousName : wish.getSource();
        Path data = Files.createDirectories(root.resolve(name));
        yield bind(data.toString(), wish.getTarget(), access);
      }
      case MOUNT_TYPE_BIND -> {
        if (!Files.exists(Path.of(wish.getSource()))) {
          throw new IOException(
              "bind mount source %s doesn't exist on this node".formatted(wish.getSource()));
        }
        yield bind(wish.getSource(), wish.getTarget(), access);
      }
      case MOUNT_TYPE_TMPFS -> {
        var options = new ArrayList<>(List.of("nosuid", "nodev", "mode=1777", access));
        if (wish.getTmpfsBytes() > 0) {
          options.add("size=" + wish.getTmpfsBytes());
        }
        yield new Spec.Mount(wish.getTarget(), "tmpfs", "tmpfs", options);
      }
      case MOUNT_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IOException("mount of " + wish.getTarget() + " has no type");
    };
  }

  private static Spec.Mount bind(String source, String target, String access) {
    return new Spec.Mount(target, "bind", source, List.of("rbind", "rprivate", access));
  }
}
