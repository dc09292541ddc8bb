using System.Runtime.Intrinsics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>Experts within fused layers against libtorch's operations one by one. Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ExpertsPassTests), DisableParallelization = true)]
[Collection(nameof(ExpertsPassTests))]
public sealed class ExpertsPassTests
{
    private static readonly ExpertsConfig s_experts = new() { Count = 4, PerToken = 2, IntermediateSize = 48, AuxLossCoefficient = 0.5 };

    public static TheoryData<string, bool> Shapes()
    {
        TheoryData<string, bool> shapes = [];
        foreach (string name in Experts.Keys)
        {
            shapes.Add(name, false);
            shapes.Add(name, true);
        }
        return shapes;
    }

    private static Dictionary<string, ExpertsConfig> Experts { get; } = new()
    {
        ["two of four"] = s_experts,
        ["one of four"] = s_experts with { PerToken = 1 },
        ["one of four, not scaled"] = s_experts with { PerToken = 1, NormalizeTopK = false },
        ["three of five, not scaled, widths off the vector's"] = s_experts with { Count = 5, PerToken = 3, NormalizeTopK = false, IntermediateSize = 50 },
        ["more experts than rows can fill"] = s_experts with { Count = 96, PerToken = 1, NormalizeTopK = false },
        ["all experts"] = s_experts with { PerToken = 4 },
        ["with shared ones"] = s_experts with { SharedCount = 2 },
        ["balanced within sequences"] = s_experts with { BalancesSequences = true },
        ["without balance"] = s_experts with { AuxLossCoefficient = 0 },
        ["one without balance"] = s_experts with { AuxLossCoefficient = 0, PerToken = 1 },
    };

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void Backward_Fused_GivesTheLossesAndGradientsOfAutograd(string experts, bool weighted)
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Outcome fused = Run(Experts[experts], ScalarType.Float32, weighted: weighted);
        using Outcome plain = Run(Experts[experts], new ComputeMode(ScalarType.Float32, Fused: false), weighted: weighted);

        // a single choice's weight is scaled to one: what autograd's division leaves of its gradient is rounding, and ours has none
        bool isRounding = Experts[experts] is { PerToken: 1, NormalizeTopK: true };
        double Tolerance(string name) => isRounding && name.EndsWith("mlp.gate.weight", StringComparison.Ordinal)
            ? 1e-6 * plain.Gradient("hidden") : 1e-5 * plain.Gradient(name);
        foreach ((string name, double difference) in fused.Differences(plain))
            difference.Should().BeLessThanOrEqualTo(Tolerance(name), $"both compute {name} in fp32, in another order");
        fused.Auxiliary.Should().BeApproximately(plain.Auxiliary, 1e-5 * Math.Abs(plain.Auxiliary));
        fused.Hidden.equal(plain.Hidden).all().item<bool>().Should().BeFalse("otherwise nothing was fused");
    }

    [SkippableFact]
    public void Backward_FusedInBf16_IsAsNearToFp32AsAutogradIs()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        ExpertsConfig all = Experts["all experts"] with { SharedCount = 1 }; // no choice that rounding could change
        using Outcome exact = Run(all, new ComputeMode(ScalarType.Float32, Fused: false));
        using Outcome fused = Run(all, ScalarType.BFloat16), plain = Run(all, new ComputeMode(ScalarType.BFloat16, Fused: false));

        Dictionary<string, double> ours = fused.Distances(exact), theirs = plain.Distances(exact);
        foreach ((string name, double distance) in ours)
            distance.Should().BeLessThan(1.5 * theirs[name] + 1e-3, name);
        ours.Values.Average().Should().BeGreaterThan(1e-4, "bf16 has 8 bits of fraction").And.BeLessThan(theirs.Values.Average());
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_AgainOrRecomputed_IsTheSameBitForBit(bool recompute)
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Outcome kept = Run(s_experts, ScalarType.Float32), again = Run(s_experts, ScalarType.Float32, recompute);

        again.Distances(kept).Values.Should().OnlyContain(distance => distance == 0);
        again.Auxiliary.Should().Be(kept.Auxiliary);
    }

    [SkippableFact]
    public void Backward_OnAnyNumberOfThreads_RunsKernelsAlike()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            using Outcome one = Run(s_experts, ScalarType.Float32);
            set_num_threads(3);
            using Outcome three = Run(s_experts, ScalarType.Float32);

            three.Distances(one).Values.Should().OnlyContain(distance => distance < 1e-6, "only products may round otherwise");
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Forward_WithoutGradients_IsTheTrainingPassBitForBit(int perToken)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network(s_experts with { PerToken = perToken });
        LayeredPass pass = new(network, Ids(network), Layout(), ScalarType.Float32, null, recompute: false);
        List<RouterChoice> choices = [];

        using IDisposable noGradient = no_grad();
        Tensor hidden = network.Forward(Ids(network), Layout(), routerTrace: choices).Hidden;

        hidden.equal(pass.Hidden).all().item<bool>().Should().BeTrue("policy and reference must round alike");
        choices.Should().HaveCount(network.Config.LayerCount).And.OnlyContain(choice => choice.Experts.shape[1] == perToken);
        foreach (RouterChoice choice in choices)
        {
            choice.Probabilities.Dispose();
            choice.Experts.Dispose();
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Backward_WithinAScope_LeavesNoTensorBehind(bool bf16, bool recompute)
    {
        using MiniMindNetwork network = Network(s_experts with { SharedCount = 1 });
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        long Run()
        {
            using DisposeScope scope = NewDisposeScope();
            LayeredPass pass = new(network, Ids(network), Layout(), bf16 ? ScalarType.BFloat16 : ScalarType.Float32, null, recompute);
            pass.Backward(ones_like(pass.Hidden), 0.3);
            return Tensor.TotalCount;
        }
        Run();
        long before = Tensor.TotalCount;

        Run().Should().BeGreaterThan(before);

        Tensor.TotalCount.Should().Be(before);
    }

    private static Outcome Run(ExpertsConfig experts, ComputeMode mode, bool recompute = false, bool weighted = false)
    {
        using MiniMindNetwork network = Network(experts);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        Tensor ids = Ids(network);
        using Generator random = new(2);
        Tensor? weights = weighted ? randint(3, [ids.shape[0]], generator: random).to(ScalarType.Float32) : null; // (N)
        LayeredPass pass = new(network, ids, Layout(), mode, weights, recompute);
        pass.Backward(randn(pass.Hidden.shape, generator: random).to(mode.Type), auxiliaryWeight: 0.7);
        return new Outcome(pass.Hidden.to(ScalarType.Float32).clone(), pass.AuxiliaryLoss?.item<float>() ?? 0,
            network.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone()));
    }

    private static MiniMindNetwork Network(ExpertsConfig experts)
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = 97, HiddenSize = 40, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, Experts = experts,
        });
        using Generator random = new(1);
        network.Initialize(random, 0.1);
        return network;
    }

    private static Tensor Ids(MiniMindNetwork network)
    {
        using Generator random = new(4);
        return randint(network.Config.VocabularySize, [150], ScalarType.Int64, generator: random);
    }

    /// <summary>A pair with a shared prefix, one without, and a single row.</summary>
    private static PackedLayout Layout() => new([40, 31, 25, 33, 20, 1], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1), new(-1, 4, 1), new(-1, 5, 1)],
        ScalarType.Float32, CPU);

    private sealed record Outcome(Tensor Hidden, double Auxiliary, Dictionary<string, Tensor> Gradients) : IDisposable
    {
        /// <summary>The norm of a parameter's gradient, or of the hidden states.</summary>
        public double Gradient(string name) => Named[name].norm().ToDouble();

        /// <summary>Distances in L2, of the hidden states and of every parameter's gradient.</summary>
        public Dictionary<string, double> Differences(Outcome other) => Named.ToDictionary(
            entry => entry.Key, entry => (entry.Value - other.Named[entry.Key]).norm().ToDouble());

        /// <summary>The same, relative.</summary>
        public Dictionary<string, double> Distances(Outcome other) => Differences(other).ToDictionary(
            entry => entry.Key, entry => entry.Value == 0 ? 0 : entry.Value / other.Gradient(entry.Key));

        public void Dispose()
        {
            Hidden.Dispose();
            foreach (Tensor gradient in Gradients.Values)
                gradient.Dispose();
        }

        private Dictionary<string, Tensor> Named => new(Gradients) { ["hidden"] = Hidden };
    }
}
