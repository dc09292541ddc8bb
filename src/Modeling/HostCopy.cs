using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Brings what the host has made to the device that computes, without waiting for it.</summary>
internal static class HostCopy
{
    /// <summary>Copies to a device; to a CUDA device from pinned memory, in the order of its work and beside the host's.</summary>
    /// <param name="host">On the CPU, pinned or not; stays the caller's.</param>
    /// <param name="device">Where to.</param>
    /// <returns>The tensor there, in the caller's scope; <paramref name="host"/> itself where that is the CPU.</returns>
    public static Tensor To(Tensor host, Device device)
    {
        if (device.type == DeviceType.CPU)
            return host;
        using DisposeScope scope = NewDisposeScope();
        return Pinned(host, device).to(device, non_blocking: true).MoveToOuterDisposeScope(); // pinned memory is not given away before its copy has been made
    }

    /// <summary>The same values in memory that the device reads by itself; <paramref name="host"/> itself where the device is no GPU.</summary>
    public static Tensor Pinned(Tensor host, Device device) => device.type == DeviceType.CUDA && !host.is_pinned() ? host.pin_memory() : host;
}
