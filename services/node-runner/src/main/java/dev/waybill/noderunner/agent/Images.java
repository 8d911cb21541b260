package dev.waybill.noderunner.agent;

import dev.waybill.noderunner.imagecache.ImageCache;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.volume.VolumeStore;

/** What is kept on this host's disk for containers to stand on. */
public record Images(ImageCache cache, ContainerSnapshots snapshots, VolumeStore volumes) {
  Preparation preparation(String cgroupParent) {
    return new Preparation(cache, snapshots, volumes, cgroupParent);
  }
}
