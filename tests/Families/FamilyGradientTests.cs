using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>Gradients of every tensor of a file against central differences of scalar loops in double precision.</summary>
public sealed class FamilyGradientTests(ITestOutputHelper output)
{
    private const double Step = 1e-5;

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Backward_Fused_IsTheSlopeOfScalarLoops(string name) => Check(name, fused: true);

    [Theory]
    [MemberData(nameof(Families))]
    public void Backward_NotFused_IsTheSlopeOfScalarLoops(string name) => Check(name, fused: false);

    private void Check(string name, bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        Random random = new(11);
        int[] ids = [.. Enumerable.Range(0, 16).Select(_ => random.Next(40))];
        double[][] direction = [.. ids.Select(_ => Enumerable.Range(0, network.Config.HiddenSize).Select(_ => random.NextDouble() - 0.5).ToArray())];
        PackedLayout layout = new([16], [new(-1, 0, 1)], ScalarType.Float32, CPU);
        LayeredPass pass = new(network, tensor(ids.Select(id => (long)id).ToArray()), layout, new ComputeMode(ScalarType.Float32, fused), null,
            recompute: false);
        pass.Backward(tensor(direction.SelectMany(row => row).Select(x => (float)x).ToArray()).view(ids.Length, -1), 0);
        Dictionary<string, Tensor> gradients = network.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!);
        double Loss() => family.Oracle(checkpoint.Weights).HiddenStates(ids).Zip(direction, (row, towards) => row.Zip(towards, (x, d) => x * d).Sum()).Sum();

        double worst = 0;
        foreach ((string tensor, int[] shape) in family.Tensors.Where(one => one.Name != "lm_head.weight"))
        {
            double[] numbers = checkpoint.Weights[tensor];
            int place = tensor == "model.embed_tokens.weight" ? ids[3] * shape[1] + 5 : random.Next(numbers.Length);
            double before = numbers[place];
            numbers[place] = before + Step;
            double above = Loss();
            numbers[place] = before - Step;
            double slope = (above - Loss()) / (2 * Step);
            numbers[place] = before;

            double gradient = Gradient(gradients, tensor, place, shape, network.Config);
            double error = Math.Abs(gradient - slope) / (Math.Abs(slope) + 1e-2);
            worst = Math.Max(worst, error);
            error.Should().BeLessThan(1e-3, $"{tensor}[{place}] has slope {slope:G6} and gradient {gradient:G6}");
        }
        output.WriteLine($"{name}, fused {fused}: {family.Tensors.Count} tensors, gradients off by at most {worst:E2}");
    }

    /// <summary>A number of the gradient by its place in the file, where projections may stand in one matrix.</summary>
    private static double Gradient(Dictionary<string, Tensor> gradients, string name, int place, int[] shape, ModelConfig config)
    {
        int row = place / shape[^1];
        (string Part, int Rows)[] parts = name.Contains("qkv_proj", StringComparison.Ordinal)
            ? [("q_proj", config.HeadCount * config.HeadDim), ("k_proj", config.KeyValueHeadCount * config.HeadDim),
            ("v_proj", config.KeyValueHeadCount * config.HeadDim)]
            : name.Contains("gate_up_proj", StringComparison.Ordinal) ? [("gate_proj", config.IntermediateSize), ("up_proj", config.IntermediateSize)] : [];
        foreach ((string part, int rows) in parts)
        {
            if (row < rows)
            {
                return gradients[name.Replace("qkv_proj", part, StringComparison.Ordinal).Replace("gate_up_proj", part, StringComparison.Ordinal)][row,
                place % shape[^1]].item<float>();
            }

            row -= rows;
        }
        return gradients.TryGetValue(name, out Tensor? gradient) ? gradient.reshape(-1)[place].item<float>() : 0; // an expert that no token takes has none
    }
}
