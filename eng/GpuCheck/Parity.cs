using System.Text.Json;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuCheck;

/// <summary>The reference implementation's numbers, in fp32.</summary>
internal static class Parity
{
    private const int RowLength = 47;

    private static string Goldens => Path.Combine(AppContext.BaseDirectory, "goldens");

    /// <summary>Log-probabilities of golden batches.</summary>
    public static void Logits(CheckOptions options, Report report) => Logits("model-dense/tiny", options.Device, report);

    /// <summary>A mixture of experts: log-probabilities, and ten golden steps.</summary>
    public static void Experts(CheckOptions options, Report report)
    {
        Logits("model-moe/top1", options.Device, report);
        Logits("model-moe/top2", options.Device, report);
        Steps("moe", "moe-pert-sum-b0.15", 0.15, options.Device, report);
    }

    /// <summary>Ten golden DPO steps: losses and gradient norms step by step.</summary>
    public static void Steps(CheckOptions options, Report report) => Steps("dense", "dense-pert-sum-b0.1", 0.1, options.Device, report);

    /// <summary>Greedy answers: the reference implementation's tokens.</summary>
    public static void Generation(CheckOptions options, Report report)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Goldens, "generate", "model-dense-tiny.json")));
        using MiniMindNetwork loaded = GoldenModels.Load(Path.Combine(Goldens, "model-dense", "tiny")), network = loaded.Clone(options.Device);
        using GenerationSession session = new(network);
        int same = 0, all = 0;
        foreach (JsonElement golden in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] prompt = Ids(golden, "prompt_ids"), expected = Ids(golden, "generated_ids");
            GenerationOptions greedy = new() { Temperature = 0, MaxNewTokens = expected.Length, RepetitionPenalty = 1 };
            int[] answer = [.. session.Generate(prompt, greedy, new HashSet<int>())];
            same += answer.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
            all += expected.Length;
        }
        report.Check($"greedy tokens, of {all}, after the first that differs from the reference's", all - same, 0);
    }

    private static int[] Ids(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private static void Logits(string model, Device device, Report report)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        string folder = Path.Combine(Goldens, model);
        using MiniMindNetwork loaded = GoldenModels.Load(folder), network = loaded.Clone(device);
        GoldenTensors expected = new(Path.Combine(folder, "expected.safetensors"));
        foreach (string name in new[] { "b2t9", "b3t33" })
        {
            Tensor ids = expected[$"{name}.input_ids"];
            long B = ids.shape[0], T = ids.shape[1];
            Tensor logits = network.Logits(network.Forward(ids.flatten().to(device), new RectangularLayout(B, T, device)).Hidden).view(B, T, -1).cpu();
            Tensor logProbs = logits.log_softmax(-1).gather(2, expected[$"{name}.labels"].unsqueeze(2)).squeeze(2); // (B, T)
            report.Check($"log-probabilities of {model}, {name}, against the reference",
                (logProbs - expected[$"{name}.log_probs"]).abs().max().item<float>(), 1e-4);
        }
    }

    private static void Steps(string model, string run, double beta, Device device, Report report)
    {
        using DisposeScope scope = NewDisposeScope();
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Goldens, "dpo-step", "runs", run, "steps.json")));
        using MiniMindNetwork first = GoldenModels.Load(Path.Combine(Goldens, "dpo-step", model), "state_dict.safetensors"), reference = first.Clone(device);
        using MiniMindNetwork second = GoldenModels.Load(Path.Combine(Goldens, "dpo-step", model), "policy_perturbed.safetensors"),
            policy = second.Clone(device);
        BatchOptions options = new(BatchShape.PaddedToMaximum, HeadOnResponseOnly: false, RowLength, 0, BalanceRealTokensOnly: false, ScalarType.Float32,
            long.MaxValue);
        PreferenceTask task = new(policy, new LiveReference(reference, long.MaxValue), Pairs(),
            new(PreferenceLoss.Sigmoid(), beta, LogProbReduction.Sum), options);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using AdamW optimizer = new(parameters, new AdamWOptions { WeightDecay = 0.01 });
        using GradientStep ending = new(parameters, optimizer, maxNorm: 1.0);
        double loss = 0, norm = 0;
        foreach (JsonElement step in expected.RootElement.GetProperty("steps").EnumerateArray())
        {
            using DisposeScope stepScope = NewDisposeScope();
            int number = step.GetProperty("step").GetInt32();
            int[] examples = [.. Enumerable.Range(4 * (number - 1), 4)];
            Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(examples), ScalarType.Float32, device), examples, 0.25) / 4;
            ending.Apply(new MiniMindCosineSchedule().At(number, 10, 1e-3));
            double expectedNorm = step.GetProperty("grad_norm_total_before_clip").GetDouble();
            loss = Math.Max(loss, Math.Abs(metrics[0].item<double>() - step.GetProperty("loss").GetDouble()));
            norm = Math.Max(norm, Math.Abs(ending.GradientNorm - expectedNorm) / expectedNorm);
        }
        report.Check($"losses of ten golden steps, {model}", loss, 1e-4);
        report.Check($"gradient norms of ten golden steps, {model}, relative", norm, 1e-3);
    }

    private static List<PreferenceExample> Pairs()
    {
        GoldenTensors batches = new(Path.Combine(Goldens, "dpo-step", "batches.safetensors"));
        Response[] Side(string side)
        {
            long[] x = [.. batches[$"x_{side}"].data<long>()], y = [.. batches[$"y_{side}"].data<long>()], mask = [.. batches[$"mask_{side}"].data<long>()];
            return [.. Enumerable.Range(0, x.Length / RowLength).Select(i => new Response(
                [.. x.Skip(i * RowLength).Take(RowLength).Select(v => (int)v)], [.. y.Skip(i * RowLength).Take(RowLength).Select(v => (int)v)],
                    [.. mask.Skip(i * RowLength).Take(RowLength).Select(v => (byte)v)]))];
        }
        return [.. Side("chosen").Zip(Side("rejected"), (chosen, rejected) => new PreferenceExample(chosen, rejected, 0))];
    }
}
