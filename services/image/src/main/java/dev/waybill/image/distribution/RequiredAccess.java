package dev.waybill.image.distribution;

import dev.waybill.image.access.Action;
import dev.waybill.image.access.Caller;
import dev.waybill.image.access.Scope;
import dev.waybill.oci.image.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Knows which access a call needs. */
public final class RequiredAccess {
  private RequiredAccess() {}

  /** Whether the caller may make this call. */
  public static boolean isGranted(Caller caller, RegistryCall call, Optional<String> mountFrom) {
    return call instanceof RegistryCall.ListRepositories
        ? caller.mayEverything() // It tells the names of all repositories.
        : scopes(call, mountFrom).stream().allMatch(caller::may);
  }

  /**
   * What the call needs.
   *
   * @param mountFrom the repository that a blob shall be mounted from: whoever pushes here must be
   *     allowed to pull there, or a mount would be a way to read it
   */
  public static List<Scope> scopes(RegistryCall call, Optional<String> mountFrom) {
    return switch (call) {
      case RegistryCall.HeadBlob(var name, _) -> one(name, Action.PULL);
      case RegistryCall.GetBlob(var name, _) -> one(name, Action.PULL);
      case RegistryCall.GetManifest(var name, _) -> one(name, Action.PULL);
      case RegistryCall.ListTags(var name) -> one(name, Action.PULL);
      case RegistryCall.ListReferrers(var name, _) -> one(name, Action.PULL);
      case RegistryCall.StartUpload(var name) -> {
        List<Scope> both = new ArrayList<>(one(name, Action.PUSH));
        mountFrom.filter(Reference::isRepository).ifPresent(from -> both.addAll(pull(from)));
        yield both;
      }
      case RegistryCall.UploadStatus(var name, _) -> one(name, Action.PUSH);
      case RegistryCall.AppendUpload(var name, _) -> one(name, Action.PUSH);
      case RegistryCall.FinishUpload(var name, _) -> one(name, Action.PUSH);
      case RegistryCall.CancelUpload(var name, _) -> one(name, Action.PUSH);
      case RegistryCall.PutManifest(var name, _) -> one(name, Action.PUSH);
      case RegistryCall.DeleteBlob(var name, _) -> one(name, Action.DELETE);
      case RegistryCall.DeleteManifest(var name, _) -> one(name, Action.DELETE);
      case RegistryCall.Base _, RegistryCall.ListRepositories _, RegistryCall.Unknown _ ->
          List.of();
    };
  }

  private static List<Scope> pull(String repository) {
    return one(repository, Action.PULL);
  }

  private static List<Scope> one(String repository, Action action) {
    return List.of(Scope.of(repository, action));
  }
}
