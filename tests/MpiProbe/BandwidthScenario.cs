using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Training.Distributed;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>How fast gradients of several sizes are summed.</summary>
internal static class BandwidthScenario
{
    public static void Run(ICommunicator communicator)
    {
        TorchNativeLibrary.EnsureLoaded();
        set_num_threads(1);
        double[] none = [0];
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < 1000; i++)
            communicator.AllReduce(none, ReduceOperation.Sum);
        if (communicator.Rank == 0)
            Console.WriteLine($"1 double: {watch.Elapsed.TotalMicroseconds / 1000:F1} us");
        foreach (int elements in new[] { 1 << 16, 1 << 20, 26_000_000, 64_000_000 })
        {
            using Tensor flat = zeros(elements);
            communicator.AllReduceSum(flat);
            double seconds = double.MaxValue;
            for (int i = 0; i < 8; i++)
            {
                watch.Restart();
                communicator.AllReduceSum(flat);
                seconds = Math.Min(seconds, watch.Elapsed.TotalSeconds);
            }
            if (communicator.Rank == 0)
                Console.WriteLine($"{elements * 4L:N0} bytes: {seconds * 1e3:F2} ms, {elements * 4L / seconds / 1e9:F2} GB/s");
        }
    }
}
