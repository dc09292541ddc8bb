using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class GoldenStepTests
{
    public static TheoryData<string> Runs() => ["dense-pert-sum-b0.1", "dense-same-mean-b0.1", "dense-same-sum-b0.15", "moe-pert-sum-b0.15"];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Accumulate_TenGoldenSteps_FollowsTheReferenceStepByStep(string run)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = TestFiles.Golden("dpo-step", "runs", run);
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "steps.json")));
        JsonElement info = expected.RootElement.GetProperty("run");
        string source = TestFiles.Golden(info.GetProperty("src").GetString()!);
        bool perturbed = info.GetProperty("policy").GetString() == "pert";
        double beta = info.GetProperty("beta").GetDouble();
        LogProbReduction reduction = info.GetProperty("red").GetString() == "sum" ? LogProbReduction.Sum : LogProbReduction.Mean;
        using MiniMindNetwork reference = GoldenModels.Load(source, "state_dict.safetensors");
        using MiniMindNetwork policy = GoldenModels.Load(source, perturbed ? "policy_perturbed.safetensors" : "state_dict.safetensors");
        IReadOnlyList<PreferenceExample> pairs = GoldenPairs();
        BatchOptions options = new(BatchShape.PaddedToMaximum, HeadOnResponseOnly: false, 47, 0, BalanceRealTokensOnly: false, ScalarType.Float32,
            long.MaxValue);
        PreferenceTask task = new(policy, new LiveReference(reference, long.MaxValue), pairs, new(PreferenceLoss.Sigmoid(), beta, reduction), options);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using AdamW optimizer = new(parameters, new AdamWOptions { WeightDecay = 0.01 });

        foreach (JsonElement step in expected.RootElement.GetProperty("steps").EnumerateArray())
        {
            using DisposeScope stepScope = NewDisposeScope();
            int number = step.GetProperty("step").GetInt32();
            int[] examples = [.. Enumerable.Range(4 * (number - 1), 4)];
            Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(examples), ScalarType.Float32, CPU), examples, 0.25) / 4;

            double tolerance = number == 1 ? 1e-5 : 1e-4; // the goldens' own
            metrics[0].item<double>().Should().BeApproximately(step.GetProperty("loss").GetSingle(), (float)tolerance, $"step {number}");
            metrics[1].item<double>().Should().BeApproximately(step.GetProperty("aux_loss").GetSingle(), 1e-6f, $"step {number}");
            double norm = parameters.GradientNorm();
            double expectedNorm = step.GetProperty("grad_norm_total_before_clip").GetDouble();
            norm.Should().BeApproximately(expectedNorm, 1e-4 * expectedNorm, $"step {number}");
            if (number == 1)
                ShouldHaveGoldenGradients(folder, policy, step);

            double rate = new MiniMindCosineSchedule().At(number, 10, 1e-3);
            rate.Should().BeApproximately(step.GetProperty("lr").GetDouble(), 1e-12);
            optimizer.Step(rate, FlatParameters.ClipCoefficient(norm, 1.0), zeroGradients: true);
            ShouldHaveGoldenParameters(folder, policy, number);
        }
    }

    private static void ShouldHaveGoldenGradients(string folder, MiniMindNetwork policy, JsonElement step)
    {
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in policy.named_parameters())
        {
            double expected = step.GetProperty("grad_norm_per_param_before_clip").GetProperty(name).GetDouble();
            parameter.grad!.norm().item<float>().Should().BeApproximately((float)expected, (float)(1e-4 * expected + 1e-7), name);
        }
        if (!File.Exists(Path.Combine(folder, "step1_grads_before_clip.safetensors")))
            return;
        GoldenTensors gradients = new(Path.Combine(folder, "step1_grads_before_clip.safetensors"));
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in policy.named_parameters())
            parameter.grad!.ShouldBeCloseTo(gradients[name], 1e-4, name);
    }

    private static void ShouldHaveGoldenParameters(string folder, MiniMindNetwork policy, int number)
    {
        string path = Path.Combine(folder, $"params_after_{number}.safetensors");
        if (!File.Exists(path))
            return;
        GoldenTensors after = new(path);
        Tensor Flat(Func<string, Tensor, Tensor> choose) => cat([.. policy.named_parameters().Select(p => choose(p.name, p.parameter).flatten())]);
        TensorAssertions.RelativeDistance(Flat((_, ours) => ours), Flat((name, _) => after[name])).Should().BeLessThan(1e-5, $"after step {number}");
    }

    private static List<PreferenceExample> GoldenPairs()
    {
        GoldenTensors batches = new(TestFiles.Golden("dpo-step", "batches.safetensors"));
        Response[] Side(string side)
        {
            long[] x = [.. batches[$"x_{side}"].data<long>()], y = [.. batches[$"y_{side}"].data<long>()], mask = [.. batches[$"mask_{side}"].data<long>()];
            return [.. Enumerable.Range(0, x.Length / 47).Select(i => new Response(
                [.. x.Skip(i * 47).Take(47).Select(v => (int)v)], [.. y.Skip(i * 47).Take(47).Select(v => (int)v)],
                    [.. mask.Skip(i * 47).Take(47).Select(v => (byte)v)]))];
        }
        return [.. Side("chosen").Zip(Side("rejected"), (c, r) => new PreferenceExample(c, r, 0))];
    }
}
