using System.Runtime.Intrinsics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(FusedLayerTests), DisableParallelization = true)]
[Collection(nameof(FusedLayerTests))]
public sealed class FusedLayerTests
{
    private static readonly ModelConfig s_small = new() { VocabularySize = 97, HiddenSize = 64, LayerCount = 3, HeadCount = 4, KeyValueHeadCount = 2 };

    /// <summary>Shapes whose widths are, and are not, multiples of a vector's sixteen elements.</summary>
    public static TheoryData<ModelConfig> Shapes => new()
    {
        s_small,
        s_small with { QkNorm = false },
        s_small with { HiddenSize = 40, HeadCount = 4, KeyValueHeadCount = 4, IntermediateSize = 50, TieWordEmbeddings = false },
        s_small with { HiddenSize = 96, HeadCount = 3, KeyValueHeadCount = 1, HeadDim = 64 },
        s_small with { RopeScaling = new YarnScaling { Factor = 16, OriginalMaxPositions = 2048, BetaFast = 32, BetaSlow = 1, AttentionFactor = 1 } },
    };

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void Backward_Fused_GivesTheHiddenStatesAndGradientsOfAutograd(ModelConfig config)
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Outcome fused = Run(config, new ComputeMode(ScalarType.Float32)), plain = Run(config, new ComputeMode(ScalarType.Float32, Fused: false));

        fused.Distances(plain).Should().OnlyContain(entry => entry.Value < 1e-5, "both compute in fp32, in another order");
        fused.Hidden.equal(plain.Hidden).all().item<bool>().Should().BeFalse("otherwise nothing was fused");
    }

    [SkippableFact]
    public void Backward_FusedInBf16_IsAsNearToFp32AsAutogradIs()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Outcome exact = Run(s_small, new ComputeMode(ScalarType.Float32, Fused: false));
        using Outcome fused = Run(s_small, new ComputeMode(ScalarType.BFloat16)), plain = Run(s_small, new ComputeMode(ScalarType.BFloat16, Fused: false));

        Dictionary<string, double> ours = fused.Distances(exact), theirs = plain.Distances(exact);
        foreach ((string name, double distance) in ours)
            distance.Should().BeLessThan(1.5 * theirs[name] + 1e-3, name);
        ours.Values.Average().Should().BeGreaterThan(1e-4, "bf16 has 8 bits of fraction").And.BeLessThan(theirs.Values.Average());
    }

    [SkippableFact]
    public void Backward_FusedAndRecomputed_IsTheSameBitForBit()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Outcome kept = Run(s_small, ScalarType.Float32), recomputed = Run(s_small, ScalarType.Float32, recompute: true);

        recomputed.Distances(kept).Values.Should().OnlyContain(distance => distance == 0);
    }

    [SkippableFact]
    public void Backward_FusedOnAnyNumberOfThreads_RunsKernelsAlike()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "layers are fused on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            using Outcome one = Run(s_small, ScalarType.Float32);
            set_num_threads(3);
            using Outcome three = Run(s_small, ScalarType.Float32);

            three.Distances(one).Values.Should().OnlyContain(distance => distance < 1e-6, "only products may round otherwise");
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void Forward_WithoutGradients_IsTheTrainingPassBitForBit()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network(s_small);
        LayeredPass pass = new(network, Ids(s_small), Layout(), ScalarType.Float32, null, recompute: false);

        using IDisposable noGradient = no_grad();
        Tensor hidden = network.Forward(Ids(s_small), Layout()).Hidden;

        hidden.equal(pass.Hidden).all().item<bool>().Should().BeTrue("policy and reference must round alike");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_WithinAScope_LeavesNoTensorBehind(bool bf16)
    {
        using MiniMindNetwork network = Network(s_small);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        long Run()
        {
            using DisposeScope scope = NewDisposeScope();
            LayeredPass pass = new(network, Ids(s_small), Layout(), bf16 ? ScalarType.BFloat16 : ScalarType.Float32, null, recompute: false);
            pass.Backward(ones_like(pass.Hidden), 0);
            return Tensor.TotalCount;
        }
        Run();
        long before = LiveTensors.Settled();

        long within = Run();

        Tensor.TotalCount.Should().BeLessThanOrEqualTo(before);
        within.Should().BeGreaterThan(before);
    }

    private static Outcome Run(ModelConfig config, ComputeMode mode, bool recompute = false)
    {
        using MiniMindNetwork network = Network(config);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        LayeredPass pass = new(network, Ids(config), Layout(), mode, null, recompute);
        using Generator random = new(2);
        pass.Backward(randn(pass.Hidden.shape, generator: random).to(mode.Type), 0);
        return new Outcome(pass.Hidden.to(ScalarType.Float32).clone(), network.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone()));
    }

    private static MiniMindNetwork Network(ModelConfig config)
    {
        MiniMindNetwork network = new(config);
        using Generator random = new(1);
        network.Initialize(random, 0.1);
        using IDisposable noGradient = no_grad();
        foreach (TorchSharp.Modules.Parameter norm in network.parameters().Where(p => p.dim() == 1))
            norm.add_(randn(norm.shape, generator: random).mul_(0.1));
        return network;
    }

    private static Tensor Ids(ModelConfig config)
    {
        using Generator random = new(4);
        return randint(config.VocabularySize, [150], ScalarType.Int64, generator: random);
    }

    /// <summary>A pair with a shared prefix, one without, and a single row.</summary>
    private static PackedLayout Layout() => new([40, 31, 25, 33, 20, 1], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1), new(-1, 4, 1), new(-1, 5, 1)],
        ScalarType.Float32, CPU);

    private sealed record Outcome(Tensor Hidden, Dictionary<string, Tensor> Gradients) : IDisposable
    {
        /// <summary>Relative distances in L2, of the hidden states and of every parameter's gradient.</summary>
        public Dictionary<string, double> Distances(Outcome other)
        {
            Dictionary<string, double> distances = Gradients.ToDictionary(entry => entry.Key, entry => Distance(entry.Value, other.Gradients[entry.Key]));
            distances.Add("hidden", Distance(Hidden, other.Hidden));
            return distances;
        }

        public void Dispose()
        {
            Hidden.Dispose();
            foreach (Tensor gradient in Gradients.Values)
                gradient.Dispose();
        }

        private static double Distance(Tensor tensor, Tensor other)
        {
            using DisposeScope scope = NewDisposeScope();
            double difference = (tensor - other).norm().ToDouble();
            return difference == 0 ? 0 : difference / other.norm().ToDouble();
        }
    }
}
