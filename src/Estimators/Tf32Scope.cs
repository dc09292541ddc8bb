using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets for a while whether a GPU may round the factors of fp32 matrix products to TF32.</summary>
/// <remarks>
/// libtorch has one switch for the process. While one run wants it off, it is off, also for runs that allow TF32: they lose speed, and none loses digits.
/// </remarks>
internal sealed class Tf32Scope : IDisposable
{
    private static readonly ProcessSetting<bool> s_switch = new(
        () => torch.backends.cuda.matmul.allow_tf32, allowed => torch.backends.cuda.matmul.allow_tf32 = allowed, wanted => wanted.All(allowed => allowed));

    private readonly IDisposable? _setting;

    /// <summary>Sets libtorch's switch, if the option says something and a GPU is there to follow it.</summary>
    /// <param name="allowed">The option; <see langword="null"/> leaves the switch as it is.</param>
    /// <param name="compute">What the run computes on and in.</param>
    /// <param name="warn">Told where TF32 is asked for and can do nothing.</param>
    public Tf32Scope(bool? allowed, ComputeSettings compute, Action<string> warn)
    {
        if (allowed == true && compute.Device.type != DeviceType.CUDA)
        {
            warn($"{nameof(TrainingOptions.AllowTf32)} changes nothing on {compute.Device}: only GPUs have TF32, and matrix products stay {compute.Precision}");
        }
        else if (allowed == true && compute.Precision != ComputePrecision.Fp32)
        {
            warn($"{nameof(TrainingOptions.AllowTf32)} changes nothing of {compute.Precision} matrix products, only of fp32 ones; set " +
                $"{nameof(TrainingOptions.Precision)} to {ComputePrecision.Fp32} to use it");
        }

        if (allowed is { } value && compute.Device.type == DeviceType.CUDA)
            _setting = s_switch.Want(value);
    }

    public void Dispose() => _setting?.Dispose();
}
