package dev.waybill.noderunner.agent;

import dev.waybill.noderunner.imagecache.Eviction;
import dev.waybill.noderunner.imagecache.ImageCache;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.volume.VolumeStore;

/** What is kept on this host's disk for containers to stand on. */
public record Images(
    ImageCache cache, ContainerSnapshots snapshots, VolumeStore volumes, Eviction eviction) {
  Preparation preparation(String cgroupParent, Preparation.Room room) {
    return new Preparation(this, cgroupParent, room);
  }
}
