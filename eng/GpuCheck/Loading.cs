using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;

namespace GpuCheck;

/// <summary>Which libraries and which device.</summary>
internal static class Loading
{
    /// <summary>Names them, and tries what all else stands on.</summary>
    public static void Run(CheckOptions options, Report report)
    {
        string? home = Environment.GetEnvironmentVariable("MINIMIND_TORCH_HOME"), library = Environment.GetEnvironmentVariable("MINIMIND_TORCHSHARP_LIBRARY");
        report.Line($"     {options.Device}, TorchSharp {typeof(torch).Assembly.GetName().Version} with {library ?? "its own native library"}, libtorch " +
            $"{(home is null ? "" : TorchRelease.Written(home)?.Version)} from {home ?? "beside the program"}, {torch.get_num_threads()} threads, " +
            $"{Environment.ProcessorCount} processors");
        if (options.Gpu)
            report.Line($"     {DeviceMemory.Total() / 1048576} MiB on the GPU, {DeviceMemory.Used() / 1048576} of them in use, {DeviceMemory.Name()}");
        string? fault = TorchSelfTest.Run();
        report.Hold($"the self test{(fault is null ? "" : $": {fault}")}", fault is null);
    }
}
