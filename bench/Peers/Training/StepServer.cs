using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>One side in a process of its own: takes a step for every line that it reads, and answers with what came of it.</summary>
internal static class StepServer
{
    /// <summary>Serves until its input ends.</summary>
    /// <param name="side"><c>own</c> or <c>stock</c>.</param>
    /// <param name="folder">The run.</param>
    public static int Run(string side, string folder)
    {
        TorchNativeLibrary.EnsureLoaded();
        RunFile run = RunFile.Read(folder);
        using IStepper stepper = side == "own" ? new OwnStepper(run, folder) : Stock(run, folder);
        set_num_threads(run.Threads);
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            int[] pairs = run.Batch(int.Parse(line, CultureInfo.InvariantCulture));
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            double loss = stepper.Step(pairs);
            Say(new StepAnswer(loss, Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds, PeakBytes()));
        }
        return 0;
    }

    private static StockStepper Stock(RunFile run, string folder)
    {
        Dictionary<string, Tensor> Weights()
        {
            using DisposeScope scope = NewDisposeScope();
            Dictionary<string, Tensor> weights = run.Weights(folder);
            foreach (Tensor tensor in weights.Values)
                tensor.DetachFromDisposeScope();
            return weights;
        }
        return new StockStepper(run, Weights(), Weights());
    }

    private static long PeakBytes()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static void Say(StepAnswer answer)
    {
        Console.WriteLine(JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }
}
