using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

// argument: "kept" disposes each number behind the call, which cures it. Exit code 1: a number was read after it was freed.
bool kept = args.Contains("kept");
TorchNativeLibrary.EnsureLoaded(); // all that is used of this library: TorchSharp by itself does not load where libstdc++ is older than its own
set_num_threads(1);
using Tensor ones = torch.ones(1000);
bool ends = false;
Thread collector = new(() =>
{
    while (!Volatile.Read(ref ends))
        GC.Collect(0);
});
collector.Start();

long calls = 0, wrong = 0;
string? error = null;
Stopwatch watch = Stopwatch.StartNew();
while (watch.Elapsed < TimeSpan.FromSeconds(60) && wrong == 0 && error is null)
{
    calls++;
    try
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = kept ? Kept(ones) : ones + 2f; // the Scalar of 2f has no root once its handle was read
        float value = sum[0].item<float>();
        if (value != 3)
            wrong = calls;
        if (wrong != 0)
            Console.WriteLine($"1 + 2 = {value}");
    }
    catch (Exception fault)
    {
        error = $"{fault.GetType().Name}: {fault.Message.Split('\n')[0]}";
    }
}
Volatile.Write(ref ends, true);
collector.Join();
Console.WriteLine($"{calls} calls in {watch.Elapsed.TotalSeconds:F1} s: {(wrong != 0 ? "a wrong sum" : error ?? "all right")}");
return wrong != 0 || error is not null ? 1 : 0;

static Tensor Kept(Tensor tensor)
{
    using Scalar two = 2f.ToScalar(), one = 1L.ToScalar();
    return tensor.add(two, one);
}
