using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>Has both sides take every step in turn, and says how their times and memory compare.</summary>
internal static class TrainComparison
{
    private const double SameLoss = 2e-3, SameLossInBf16 = 0.05; // of ln 2, after steps at a rate that moves little

    /// <summary>Runs it; 1 where the two do not train the same.</summary>
    public static int Run(string[] arguments)
    {
        TrainOptions options = TrainOptions.Parse(arguments);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("peers-");
        try
        {
            RunFile run = Make(options, folder.FullName);
            using SideProcess own = SideProcess.Own("own", folder.FullName, options.Threads);
            using SideProcess peer = options.Peer == "stock" ? SideProcess.Own("stock", folder.FullName, options.Threads)
                : SideProcess.Python(options.Python!, options.Checkout!, folder.FullName, options.Threads);
            List<(StepAnswer Own, StepAnswer Peer)> steps = [];
            for (int step = 0; step < options.Steps; step++)
            {
                bool first = step % 2 == 0; // each side goes first as often
                StepAnswer ours = first ? own.Step(step) : null!, theirs = peer.Step(step);
                steps.Add((ours ?? own.Step(step), theirs));
                ours = steps[^1].Own;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"step {step + 1}: loss {ours.Loss:F6} and {theirs.Loss:F6}, {ours.Processor:F2} and {theirs.Processor:F2} s of processors"));
            }
            return Report(options, run, steps);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Report(TrainOptions options, RunFile run, List<(StepAnswer Own, StepAnswer Peer)> steps)
    {
        (StepAnswer Own, StepAnswer Peer)[] counted = [.. steps.Skip(1)]; // the first prepares kernels
        Console.WriteLine($"{options.Hidden} x {options.Layers}{(options.Experts > 0 ? $", {options.PerToken} of {options.Experts} experts" : "")}, " +
            $"{(options.Bf16 ? "bf16" : "fp32")}, {options.Way}, {options.Threads} threads, {run.Pairs.Length} pairs, against {options.Peer}:");
        Say("by the clock", step => step.Peer.Seconds / step.Own.Seconds);
        Say("in processor time", step => step.Peer.Processor / step.Own.Processor);
        (long ours, long theirs) = (steps[^1].Own.Peak, steps[^1].Peer.Peak);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  peaks of resident memory: {ours >> 20} and {theirs >> 20} MiB, {100.0 * ours / theirs:F0} %"));
        if (options.Peer == "minimind")
            Console.WriteLine("  (fair only where that Python's torch has a fast BLAS: a distribution's often has none)");
        double apart = steps.Max(step => Math.Abs(step.Own.Loss - step.Peer.Loss));
        bool balancesOtherwise = options is { Experts: > 0, Way: "default" }; // its load-balancing loss leaves padding out
        bool same = balancesOtherwise || apart < (options.Bf16 ? SameLossInBf16 : SameLoss);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  losses lie {apart:E1} apart at most{(same ? "" : ": they do not train the same")}"));
        return same ? 0 : 1;

        void Say(string what, Func<(StepAnswer Own, StepAnswer Peer), double> ratio)
        {
            double[] sorted = [.. counted.Select(ratio).Order()];
            double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {At(0.5):F2} times as fast, 10 to 90 %: {At(0.1):F2} to {At(0.9):F2}"));
        }
    }

    private static RunFile Make(TrainOptions options, string folder)
    {
        ModelConfig config = new() { VocabularySize = 6400, HiddenSize = options.Hidden, LayerCount = options.Layers };
        if (options.Experts > 0)
        {
            ExpertsConfig experts = new() { Count = options.Experts, PerToken = options.PerToken, IntermediateSize = config.IntermediateSize };
            config = config with { Experts = experts };
        }
        using PretrainedModel model = PretrainedModel.CreateRandom(config, options.Tokenizer, seed: 1);
        MLContext context = new(seed: 1);
        IDataView data = context.Preferences.LoadFromJsonl(options.Data);
        IDataView prepared = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = options.MaxLength }).Fit(data)
            .Transform(data);
        (IReadOnlyList<PreferenceExample> all, _, _) = new PreferenceExampleReader(
            new PairColumns(), UnusablePairs.Skip, config.VocabularySize, EndTokens.Of(model.Tokenizer), margin: null)
            .Read(prepared, new SingleProcess(), default);
        int count = Math.Min(options.Steps * options.BatchSize, all.Count);
        SidePair[] pairs = [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)])
            .Select(pair => new SidePair(Side.Of(pair.Chosen), Side.Of(pair.Rejected)))];
        MiniMindNetwork network = model.Network.Network;
        RunFile run = new(ModelShape.Of(config), pairs, options.BatchSize, options.MaxLength - 1, options.Threads, options.Bf16, options.Way, 0.15, 4e-8,
            [.. network.named_parameters().Select(p => new ParameterShape(p.name, p.parameter.shape))]);
        run.Write(folder, network);
        return run;
    }
}
