using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Device, element type and threads of a run, resolved.</summary>
/// <param name="Device">Where it runs.</param>
/// <param name="Precision">The precision that was chosen.</param>
/// <param name="Type">The element type of matrix products.</param>
/// <param name="Measured">What an automatic choice of precision rests on.</param>
/// <param name="Fused">Whether this library's kernels run where they fit.</param>
internal sealed record ComputeSettings(torch.Device Device, ComputePrecision Precision, torch.ScalarType Type, PrecisionProbe? Measured = null,
    bool Fused = true)
{
    /// <summary>How passes compute.</summary>
    public ComputeMode Mode => new(Type, Fused);

    /// <summary>Settles what was left open.</summary>
    /// <exception cref="NotSupportedException">fp16 is asked for on a CPU.</exception>
    public static ComputeSettings Resolve(Microsoft.ML.MLContext context, TrainingOptions options, ICommunicator communicator)
    {
        torch.Device device = options.Device.Resolve(context);
        ModelConfig config = options.Model.Config;
        bool fused = options.FusedKernels && FusedLayer.Fits(config, device.type, torch.ScalarType.Float32, training: true);
        return Of(device, options.Precision, () => PrecisionProbe.Measure(
            device, config.HiddenSize, config.IntermediateSize, fused, communicator)) with
        { Fused = options.FusedKernels };
    }

    /// <summary>Settles the precision on a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="precision">What is asked for.</param>
    /// <param name="measure">Called for <see cref="ComputePrecision.Auto"/> only.</param>
    /// <exception cref="NotSupportedException">fp16 is asked for on a CPU.</exception>
    public static ComputeSettings Of(torch.Device device, ComputePrecision precision, Func<PrecisionProbe> measure)
    {
        bool cpu = device.type == DeviceType.CPU;
        PrecisionProbe? measured = precision == ComputePrecision.Auto ? measure() : null;
        ComputePrecision settled = precision switch
        {
            ComputePrecision.DeviceDefault => cpu ? ComputePrecision.Fp32 : ComputePrecision.Bf16,
            ComputePrecision.Auto => measured!.Bf16IsFaster ? ComputePrecision.Bf16 : ComputePrecision.Fp32,
            ComputePrecision.Fp16 when cpu => throw new NotSupportedException(
                "Precision is Fp16, but CPUs compute fp16 matrix products 50 to 400 times slower than fp32 ones. Use Fp32, Bf16 or Auto, or a CUDA device."),
            _ => precision,
        };
        return new ComputeSettings(device, settled, settled switch
        {
            ComputePrecision.Bf16 => torch.ScalarType.BFloat16,
            ComputePrecision.Fp16 => torch.ScalarType.Float16,
            _ => torch.ScalarType.Float32,
        }, measured);
    }

    /// <summary>Precision and device as the log shows them, with the reason for an automatic choice.</summary>
    public string Describe() => Measured is null
        ? $"{Precision} on {Device}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Precision} on {Device} (Auto: products reach {Measured.Bf16 / 1e9:F0} GFLOP/s in bf16 and {Measured.Fp32 / 1e9:F0} in fp32)");
}
