using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.NativeProbe;
using TorchSharp;

if (args is ["signals", string threads] && !OperatingSystem.IsWindows())
    return SignalScenario.Run(int.Parse(threads));

if (args is ["call", string operation])
    return CallScenario.Run(operation);

// argument: a folder to take libtorch from; without one, the environment says
try
{
    if (args.Length > 0)
        TorchNativeLibrary.UseFolder(args[0]);
    TorchNativeLibrary.EnsureLoaded();
}
catch (DllNotFoundException missing)
{
    Console.WriteLine(missing.Message);
    return 1;
}
using torch.Tensor product = torch.ones(3, 4).matmul(torch.ones(4, 5));
Console.WriteLine($"sum {product.sum().item<float>()}");
string given = Path.GetFileName(Environment.GetEnvironmentVariable("MINIMIND_TORCHSHARP_LIBRARY") ?? "");
IEnumerable<string> mapped = File.ReadLines("/proc/self/maps").Where(line => line.Contains('/', StringComparison.Ordinal))
    .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]);
string[] shown = ["libc10.so", "libtorch_cpu.so", "libtorch.so", .. given.Length > 0 ? ["libLibTorchSharp.so", given] : Array.Empty<string>()];
foreach (string library in mapped.Where(path => shown.Contains(Path.GetFileName(path))).Distinct().Order())
    Console.WriteLine(library);
return 0;
