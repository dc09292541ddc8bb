using System.Diagnostics;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Bench.OptimizerStep;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

// OptimizerStep [threads] [rounds]: an optimizer step at 64 million parameters, ours against TorchSharp's, in turns within one process.
// Processor time is given beside wall time: on a machine with other work it is the one to compare.
TorchNativeLibrary.EnsureLoaded();
int threads = args.Length > 0 ? int.Parse(args[0]) : 1;
int rounds = args.Length > 1 ? int.Parse(args[1]) : 9;
const double MaxNorm = 1.0, LearningRate = 1e-4;
set_num_threads(threads);
manual_seed(7);

(string Name, Parameter Parameter)[] ourNamed = [.. MiniMindShapes.Create()];
Parameter[] ourParameters = [.. ourNamed.Select(entry => entry.Parameter)];
Parameter[] torchParameters = [.. MiniMindShapes.Create().Select(entry => entry.Parameter)];
Parameter[] gradients = [.. MiniMindShapes.Create().Select(entry => entry.Parameter)];
using FlatParameters flat = new(ourNamed);
using torch.optim.Optimizer torchOptimizer = optim.AdamW(torchParameters, LearningRate, weight_decay: 0.01);
using MiniMind.MLNet.Dpo.Training.Optimization.AdamW adamW = new(flat, new AdamWOptions());
using Sgd sgd = new(flat, new SgdOptions());
using RmsProp rmsProp = new(flat, new RmsPropOptions());
using GradientStep gradientStep = new(flat, adamW, MaxNorm);

MiniMindShapes.SetGradients(torchParameters, gradients);
MiniMindShapes.SetGradients(ourParameters, gradients);

Action nothing = () => { };
(string Name, Action Run, Action RestoreGradients)[] contestants =
[
    ("torchsharpAdamW", () => torchOptimizer.step(), nothing),
    ("torchsharpClipStepZero", () =>
    {
        nn.utils.clip_grad_norm_(torchParameters, MaxNorm);
        torchOptimizer.step();
        torchOptimizer.zero_grad();
    }, () => MiniMindShapes.SetGradients(torchParameters, gradients)),
    ("adamW", () => adamW.Step(LearningRate), nothing),
    ("adamWClipStepZero", () => gradientStep.Apply(LearningRate), () => MiniMindShapes.SetGradients(ourParameters, gradients)),
    ("gradientNorm", () => flat.GradientNorm(), nothing),
    ("ensureBound", flat.EnsureBound, nothing),
    ("sgd", () => sgd.Step(LearningRate), nothing),
    ("rmsProp", () => rmsProp.Step(LearningRate), nothing),
    ("copy", () => flat.Values.copy_(flat.Gradients), nothing),
];

Dictionary<string, List<double>> wall = contestants.ToDictionary(contestant => contestant.Name, _ => new List<double>());
Dictionary<string, List<double>> processor = contestants.ToDictionary(contestant => contestant.Name, _ => new List<double>());
for (int round = -1; round < rounds; round++) // the first round warms up
{
    foreach ((string name, Action run, Action restoreGradients) in contestants)
    {
        using DisposeScope scope = NewDisposeScope();
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        run();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        used = Environment.CpuUsage.TotalTime - used;
        restoreGradients();
        if (round < 0)
            continue;
        wall[name].Add(elapsed);
        processor[name].Add(used.TotalMilliseconds);
    }
}

Console.WriteLine(JsonSerializer.Serialize(new
{
    parameters = flat.Count,
    threads,
    rounds,
    wall = Summary(wall),
    processor = Summary(processor),
}, new JsonSerializerOptions { WriteIndented = true }));

object Summary(Dictionary<string, List<double>> times)
{
    Dictionary<string, double> medians = times.ToDictionary(entry => entry.Key, entry => Math.Round(entry.Value.Order().ElementAt(entry.Value.Count / 2), 2));
    return new
    {
        medianMilliseconds = medians,
        fastestMilliseconds = times.ToDictionary(entry => entry.Key, entry => Math.Round(entry.Value.Min(), 2)),
        stepRatio = Math.Round(medians["torchsharpAdamW"] / medians["adamW"], 2),
        clipStepZeroRatio = Math.Round(medians["torchsharpClipStepZero"] / medians["adamWClipStepZero"], 2),
        adamWGigabytesPerSecond = Math.Round(flat.Count * 28 / medians["adamW"] / 1e6, 1), // four buffers read, three written
        copyGigabytesPerSecond = Math.Round(flat.Count * 8 / medians["copy"] / 1e6, 1),
    };
}
