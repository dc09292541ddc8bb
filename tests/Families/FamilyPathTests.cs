using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>
/// Every way through the network gives what scalar loops give: fused or not, packed with shared prefixes, padded, for training, and token by token from a
/// cache.
/// </summary>
public sealed class FamilyPathTests
{
    private const double Bound = 3e-5;

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Forward_PackedWithSharedPrefix_GivesWhatScalarLoopsGiveOfEachSequence(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        int[] prefix = Ids(1, 20), chosen = Ids(2, 15), rejected = Ids(3, 12), alone = Ids(4, 17);
        ScalarDecoder oracle = family.Oracle(checkpoint.Weights);
        double[][] expected =
            [.. oracle.HiddenStates([.. prefix, .. chosen]), .. oracle.HiddenStates([.. prefix, .. rejected]).Skip(prefix.Length),
                .. oracle.HiddenStates(alone)];
        Tensor ids = Tensor([.. prefix, .. chosen, .. rejected, .. alone]);
        PackedLayout Layout() => new([20, 15, 12, 17], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1)], ScalarType.Float32, CPU);

        foreach (bool fused in (bool[])[true, false])
        {
            ComputeMode mode = new(ScalarType.Float32, fused);
            LayeredPass kept = new(network, ids, Layout(), mode, null, recompute: false), recomputed = new(network, ids, Layout(), mode, null, recompute: true);
            using IDisposable noGradient = no_grad();
            Tensor scored = network.Forward(ids, Layout(), mode: mode).Hidden;

            FamilyNetwork.Difference(FamilyNetwork.Rows(kept.Hidden), expected).Should().BeLessThan(Bound, $"training, fused {fused}");
            FamilyNetwork.Difference(FamilyNetwork.Rows(recomputed.Hidden), expected).Should()
                .BeLessThan(Bound, $"training with recomputed layers, fused {fused}");
            FamilyNetwork.Difference(FamilyNetwork.Rows(scored), expected).Should().BeLessThan(Bound, $"scoring, fused {fused}");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Forward_Padded_GivesWhatScalarLoopsGiveOfEachSequence(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        int[] first = Ids(5, 24), second = Ids(6, 18);
        ScalarDecoder oracle = family.Oracle(checkpoint.Weights);

        foreach (bool fused in (bool[])[true, false])
        {
            double[][] rows = FamilyNetwork.Rows(network.Forward(Tensor([.. first, .. second, .. new int[6]]), new RectangularLayout(2, 24, CPU),
                mode: new ComputeMode(ScalarType.Float32, fused)).Hidden);

            FamilyNetwork.Difference(rows[..24], oracle.HiddenStates(first)).Should().BeLessThan(Bound, $"fused {fused}");
            FamilyNetwork.Difference(rows[24..42], oracle.HiddenStates(second)).Should().BeLessThan(Bound, $"fused {fused}");
        }
        Tensor mask = ones(2, 24);
        mask[1, TensorIndex.Slice(18)] = 0;
        double[][] masked = FamilyNetwork.Rows(network.Forward(Tensor([.. first, .. second, .. new int[6]]), new RectangularLayout(2, 24, CPU, mask)).Hidden);
        FamilyNetwork.Difference(masked[24..42], oracle.HiddenStates(second)).Should().BeLessThan(Bound, "with a mask");
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Next_FromTheCache_GivesTheLogitsOfScalarLoops(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        using GenerationSession session = new(network);
        int[] ids = Ids(7, 40), other = [.. ids[..22], .. Ids(8, 9)];
        ScalarDecoder oracle = family.Oracle(checkpoint.Weights);
        int[] lengths = [9, 21, 22, 23, 24, 37, 38, 40];
        List<double[]> actual = [];

        // a prompt, rows at once behind what is cached, single tokens, and another continuation
        foreach (int length in lengths)
            actual.Add([.. session.Next(ids.AsSpan(0, length), default).Select(logit => (double)logit)]);
        double[] changed = [.. session.Next(other, default).Select(logit => (double)logit)], back =
            [.. session.Next(ids.AsSpan(0, 12), default).Select(logit => (double)logit)];

        FamilyNetwork.Difference(actual, lengths.Select(length => oracle.Logits(ids[..length])[^1])).Should().BeLessThan(1e-4);
        FamilyNetwork.Difference([changed, back], [oracle.Logits(other)[^1], oracle.Logits(ids[..12])[^1]]).Should().BeLessThan(1e-4);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Backward_InBf16_IsAsNearToFp32FusedAsNot(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        Dictionary<string, Tensor> Gradients(ComputeMode mode)
        {
            PackedLayout layout = new([20, 15, 12, 17], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1)], mode.Type, CPU);
            LayeredPass pass = new(network, Tensor(Ids(9, 64)), layout, mode, null, recompute: false);
            using Generator random = new(3);
            pass.Backward(randn(pass.Hidden.shape, generator: random).to(mode.Type), 0);
            Dictionary<string, Tensor> gradients = network.named_parameters().Where(p => p.parameter.grad is not null)
                .ToDictionary(p => p.name, p => p.parameter.grad!.clone());
            network.zero_grad();
            return gradients;
        }
        double Distance(Dictionary<string, Tensor> actual, Dictionary<string, Tensor> exact) =>
            exact.Average(pair => ((actual[pair.Key] - pair.Value).norm() / (pair.Value.norm() + 1e-9)).item<float>());

        Dictionary<string, Tensor> exact = Gradients(new ComputeMode(ScalarType.Float32, Fused: false));
        double fused = Distance(Gradients(ScalarType.BFloat16), exact), plain = Distance(Gradients(new ComputeMode(ScalarType.BFloat16, Fused: false)), exact);

        // a single choice's weight is scaled to one: what autograd's division leaves of its gradient is rounding, and ours has none
        if (network.Config.Experts is { PerToken: 1, NormalizeTopK: true })
            exact = exact.Where(pair => !pair.Key.EndsWith("mlp.gate.weight", StringComparison.Ordinal)).ToDictionary();
        double single = Distance(Gradients(ScalarType.Float32), exact);

        single.Should().BeLessThan(1e-5, "both compute in fp32, in another order");
        if (network.Config.Experts is not null)
            return; // rounding sends tokens to other experts
        fused.Should().BeLessThan(1.3 * plain, "kernels keep fp32 where libtorch rounds").And.BeInRange(1e-4, 5e-2);
    }

    private static int[] Ids(int seed, int count)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(FamilyCase.Vocabulary))];
    }

    private static Tensor Tensor(int[] ids) => tensor(ids.Select(id => (long)id).ToArray());
}
