package dev.waybill.oci.runtime;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The whole of {@code config.json}.
 *
 * @param ociVersion version of the runtime-spec that the document follows
 * @param process what to run; absent only in documents that are never started
 * @param root the root filesystem
 * @param hostname name of the host inside; empty leaves it
 * @param domainname NIS domain name inside; empty leaves it
 * @param mounts mounted in this order
 * @param hooks programs that the runtime calls at points of the life cycle
 * @param annotations free metadata, in the order of the document
 * @param linux everything particular to Linux
 */
public record Spec(
    String ociVersion,
    @Nullable ContainerProcess process,
    @Nullable Root root,
    String hostname,
    String domainname,
    List<Mount> mounts,
    @Nullable Hooks hooks,
    SequencedMap<String, String> annotations,
    Linux linux) {

  public Spec {
    ociVersion = Absent.text(ociVersion);
    hostname = Absent.text(hostname);
    domainname = Absent.text(domainname);
    mounts = Absent.list(mounts);
    annotations = Absent.map(annotations);
    linux = linux == null ? Linux.NONE : linux;
  }

  /**
   * The root filesystem.
   *
   * @param path absolute, or relative to the bundle
   * @param readonly whether the container may write to it
   */
  public record Root(String path, boolean readonly) {
    public Root {
      path = Absent.text(path);
    }
  }

  /**
   * One mount.
   *
   * @param destination absolute path inside the container
   * @param type file system type; ignored for binds
   * @param source device, directory or name
   * @param options as of mount(8)
   * @param uidMappings how the owners of an idmapped mount are shown
   * @param gidMappings how its groups are shown
   */
  public record Mount(
      String destination,
      String type,
      String source,
      List<String> options,
      List<Linux.IdMapping> uidMappings,
      List<Linux.IdMapping> gidMappings) {
    public Mount {
      destination = Absent.text(destination);
      type = Absent.text(type);
      source = Absent.text(source);
      options = Absent.list(options);
      uidMappings = Absent.list(uidMappings);
      gidMappings = Absent.list(gidMappings);
    }

    /** A mount whose owners are shown as they are. */
    public Mount(String destination, String type, String source, List<String> options) {
      this(destination, type, source, options, List.of(), List.of());
    }
  }

  /** Programs that the runtime calls at points of the life cycle. */
  public record Hooks(
      List<Hook> prestart,
      List<Hook> createRuntime,
      List<Hook> createContainer,
      List<Hook> startContainer,
      List<Hook> poststart,
      List<Hook> poststop) {
    public Hooks {
      prestart = Absent.list(prestart);
      createRuntime = Absent.list(createRuntime);
      createContainer = Absent.list(createContainer);
      startContainer = Absent.list(startContainer);
      poststart = Absent.list(poststart);
      poststop = Absent.list(poststop);
    }
  }

  /**
   * One program to call.
   *
   * @param path absolute path of the program
   * @param args its arguments, the name first
   * @param env its whole environment
   * @param timeout seconds until it is given up
   */
  public record Hook(String path, List<String> args, List<String> env, @Nullable Integer timeout) {
    public Hook {
      path = Absent.text(path);
      args = Absent.list(args);
      env = Absent.list(env);
    }
  }

  /** The same configuration for another process. */
  public Spec withProcess(ContainerProcess other) {
    return new Spec(
        ociVersion, other, root, hostname, domainname, mounts, hooks, annotations, linux);
  }

  /** The annotation's value, or empty. */
  public String annotation(String key) {
    return ((Map<String, String>) annotations).getOrDefault(key, "");
  }
}
