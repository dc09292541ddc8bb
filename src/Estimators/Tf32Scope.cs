using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets for a while whether a GPU may round the factors of fp32 matrix products to TF32.</summary>
internal sealed class Tf32Scope : IDisposable
{
    private readonly bool _before;
    private readonly bool _set;

    /// <summary>Sets libtorch's switch, if the option says something and a GPU is there to follow it.</summary>
    /// <param name="allowed">The option; <see langword="null"/> leaves the switch as it is.</param>
    /// <param name="compute">What the run computes on and in.</param>
    /// <param name="warn">Told where TF32 is asked for and can do nothing.</param>
    public Tf32Scope(bool? allowed, ComputeSettings compute, Action<string> warn)
    {
        if (allowed == true && compute.Device.type != DeviceType.CUDA)
            warn($"{nameof(TrainingOptions.AllowTf32)} changes nothing on {compute.Device}: only GPUs have TF32, and matrix products stay {compute.Precision}");
        else if (allowed == true && compute.Precision != ComputePrecision.Fp32)
            warn($"{nameof(TrainingOptions.AllowTf32)} changes nothing of {compute.Precision} matrix products, only of fp32 ones; set {nameof(TrainingOptions.Precision)} to {ComputePrecision.Fp32} to use it");
        if (allowed is not { } value || compute.Device.type != DeviceType.CUDA) return;
        _before = torch.backends.cuda.matmul.allow_tf32;
        torch.backends.cuda.matmul.allow_tf32 = value;
        _set = true;
    }

    public void Dispose()
    {
        if (_set) torch.backends.cuda.matmul.allow_tf32 = _before;
    }
}
