using Microsoft.ML;
using TorchSharp;

namespace MiniMind.MLNet.Dpo;

/// <summary>Where networks compute.</summary>
public readonly record struct ComputeDevice
{
    private readonly Kind _kind;
    private readonly int _index;

    private ComputeDevice(Kind kind, int index) => (_kind, _index) = (kind, index);

    private enum Kind
    {
        Context,
        Cpu,
        Cuda,
        Auto,
    }

    /// <summary>The GPU that <see cref="MLContext.GpuDeviceId"/> names, else the CPU: the default.</summary>
    public static ComputeDevice FromContext => default;

    /// <summary>The first CUDA device where there is one, else the CPU.</summary>
    public static ComputeDevice Auto => new(Kind.Auto, 0);

    /// <summary>The CPU.</summary>
    public static ComputeDevice Cpu => new(Kind.Cpu, 0);

    /// <summary>A CUDA device.</summary>
    /// <param name="index">Its number, from 0.</param>
    public static ComputeDevice Cuda(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(Kind.Cuda, index);
    }

    /// <inheritdoc />
    public override string ToString() => _kind switch
    {
        Kind.Cpu => "cpu",
        Kind.Cuda => $"cuda:{_index}",
        Kind.Auto => "auto",
        _ => "from MLContext",
    };

    /// <summary>The torch device.</summary>
    /// <exception cref="InvalidOperationException">CUDA is asked for and not there, and the context does not allow the CPU instead.</exception>
    internal torch.Device Resolve(MLContext context) => _kind switch
    {
        Kind.Cpu => torch.CPU,
        Kind.Auto => torch.cuda.is_available() ? torch.device(DeviceType.CUDA, 0) : torch.CPU,
        Kind.Cuda => OnCuda(_index, fallback: false),
        _ => context.GpuDeviceId is { } gpu ? OnCuda(gpu, context.FallbackToCpu) : torch.CPU,
    };

    internal static torch.Device OnCuda(int index, bool fallback)
    {
        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (index < count)
            return torch.device(DeviceType.CUDA, index);
        if (fallback)
            return torch.CPU;
        throw new InvalidOperationException(
            $"CUDA device {index} was asked for, but libtorch sees {count}. Build with -p:TorchBackend=cuda-linux (package TorchSharp-cuda-linux) on a " +
                "machine with an NVIDIA driver, " +
            "or set Device to ComputeDevice.Cpu, or MLContext.FallbackToCpu to true.");
    }
}
