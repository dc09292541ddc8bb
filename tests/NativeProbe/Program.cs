using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.NativeProbe;
using TorchSharp;

if (args is ["signals", string threads] && !OperatingSystem.IsWindows())
    return SignalScenario.Run(int.Parse(threads));

if (args is ["--forecast", string tokenizer, string shape, string checkpointing])
    return ForecastScenario.Run(tokenizer, [.. shape.Split(',').Select(int.Parse)], bool.Parse(checkpointing));

if (args is ["--heap", string heapTokenizer, .. var interval])
    return HeapScenario.Run(heapTokenizer, interval.Length == 0 ? null : TimeSpan.Parse(interval[0]));

// argument: a folder to take libtorch from; without one, the environment says. --model FOLDER and --saved FILE load what an app would
try
{
    if (args is ["--model", var model])
    {
        PretrainedModel.Load(model).Dispose();
        return 0;
    }
    if (args is ["--saved", var saved])
    {
        _ = new MLContext().Model.Load(saved, out _);
        return 0;
    }
    if (args.Length > 0)
        TorchNativeLibrary.UseFolder(args[0]);
    TorchNativeLibrary.EnsureLoaded();
}
catch (Exception failure) when (Missing(failure) is { } missing)
{
    Console.WriteLine(missing.Message);
    return 1;
}
using torch.Tensor product = torch.ones(3, 4).matmul(torch.ones(4, 5));
Console.WriteLine($"sum {product.sum().item<float>()}");
IEnumerable<string> mapped = File.ReadLines("/proc/self/maps").Where(line => line.Contains('/', StringComparison.Ordinal))
    .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]);
foreach (string library in mapped.Where(path => Path.GetFileName(path) is "libc10.so" or "libtorch_cpu.so" or "libtorch.so").Distinct().Order())
    Console.WriteLine(library);
return 0;

// ML.NET wraps what goes wrong while it loads
static DllNotFoundException? Missing(Exception? failure)
{
    while (failure is not (null or DllNotFoundException))
        failure = failure.InnerException;
    return (DllNotFoundException?)failure;
}
