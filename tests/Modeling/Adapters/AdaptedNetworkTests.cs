using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling.Adapters;

/// <summary>Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AdaptedNetworkTests), DisableParallelization = true)]
[Collection(nameof(AdaptedNetworkTests))]
public sealed class AdaptedNetworkTests
{
    private static readonly LoraOptions s_eight = new() { Rank = 8, Alpha = 16 };

    public static TheoryData<ScalarType, bool, bool> Modes => new()
    {
        { ScalarType.Float32, true, false }, { ScalarType.Float32, false, false }, { ScalarType.BFloat16, true, false }, { ScalarType.Float32, true, true },
            { ScalarType.Float32, false, true },
    };

    [Theory]
    [InlineData(8, 958_464)]
    [InlineData(16, 1_916_928)]
    public void ParameterCount_AllLinearOf768By8_IsThePagesNumber(int rank, long count)
    {
        using MiniMindNetwork network = new(new ModelConfig { VocabularySize = 64 });
        LoraOptions options = new() { Rank = rank };

        using MiniMindNetwork adapted = AdaptedNetwork.Fresh(network, options);

        adapted.Adapter!.ParameterCount.Should().Be(count);
        adapted.TrainedParameters.Sum(p => p.Parameter.numel()).Should().Be(count, "nothing else is trained");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Forward_FreshAdapter_IsTheBaseBitForBit(ScalarType type, bool fused, bool dora)
    {
        ComputeMode mode = new(type, fused);
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(), adapted = AdaptedNetwork.Fresh(network, s_eight with { Dora = dora });

        AdaptedNetwork.Same(AdaptedNetwork.Hidden(adapted, mode), AdaptedNetwork.Hidden(network, mode)).Should().BeTrue();
        LayeredPass pass = new(adapted, AdaptedNetwork.Ids(network.Config), AdaptedNetwork.Layout(mode.Type), mode, null, recompute: false);
        AdaptedNetwork.Same(pass.Hidden, AdaptedNetwork.Hidden(network, mode)).Should().BeTrue("a training step takes the same way");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backward_Adapter_IsTheProjectionOfTheWholeGradient(bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        ComputeMode mode = new(ScalarType.Float32, fused);
        using MiniMindNetwork network = AdaptedNetwork.Base(), adapted = AdaptedNetwork.Trained(network, s_eight), merged = adapted.Merged();

        Dictionary<string, Tensor> ours = AdaptedNetwork.Gradients(adapted, mode), whole = AdaptedNetwork.Gradients(merged, mode);

        ours.Should().HaveCount(2 * 7 * 3);
        foreach ((string module, LowRankPair pair) in adapted.Adapter!.Pairs)
        {
            Tensor gradient = whole[module + ".weight"]; // (output, input)
            TensorAssertions.RelativeDistance(ours[module + LowRankAdapter.SuffixA], pair.B.t().mm(gradient).mul(2)).Should().BeLessThan(2e-5, module);
            TensorAssertions.RelativeDistance(ours[module + LowRankAdapter.SuffixB], gradient.mm(pair.A.t()).mul(2)).Should().BeLessThan(2e-5, module);
        }
    }

    public static TheoryData<bool, bool> Kinds => new() { { false, false }, { true, false }, { false, true }, { true, true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_Merged_IsTheAdapterWithinRounding(bool dora, bool stabilized)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base();
        using MiniMindNetwork adapted = AdaptedNetwork.Trained(network, s_eight with { Dora = dora, RankStabilized = stabilized }), merged = adapted.Merged();

        Tensor ours = AdaptedNetwork.Hidden(adapted, ScalarType.Float32);

        merged.IsPlain.Should().BeTrue();
        TensorAssertions.RelativeDistance(AdaptedNetwork.Hidden(merged, ScalarType.Float32), ours).Should().BeLessThan(1e-5);
        TensorAssertions.RelativeDistance(AdaptedNetwork.Hidden(network, ScalarType.Float32), ours).Should().BeGreaterThan(0.01, "the adapter acts");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_Fused_IsAutograds(bool dora)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base();
        Dictionary<string, Tensor> Of(bool fused, bool recompute)
        {
            using MiniMindNetwork adapted = AdaptedNetwork.Trained(network, s_eight with { Dora = dora });
            return AdaptedNetwork.Gradients(adapted, new ComputeMode(ScalarType.Float32, fused), recompute);
        }

        Dictionary<string, Tensor> fused = Of(true, false), plain = Of(false, false), recomputed = Of(true, true);

        fused.Should().HaveCount((dora ? 3 : 2) * 7 * 3);
        foreach ((string name, Tensor gradient) in fused)
        {
            TensorAssertions.RelativeDistance(gradient, plain[name]).Should().BeLessThan(2e-5, name);
            AdaptedNetwork.Same(gradient, recomputed[name]).Should().BeTrue($"{name} of a layer that runs again is the same");
        }
    }

    [Fact]
    public void Backward_Bf16_IsNearFp32()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base();
        using MiniMindNetwork wide = AdaptedNetwork.Trained(network, s_eight), narrow = AdaptedNetwork.Trained(network, s_eight);

        Dictionary<string, Tensor> exact = AdaptedNetwork.Gradients(wide, ScalarType.Float32), low = AdaptedNetwork.Gradients(narrow, ScalarType.BFloat16);

        foreach ((string name, Tensor gradient) in low)
            TensorAssertions.RelativeDistance(gradient, exact[name]).Should().BeInRange(1e-4, 0.05, name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backward_Base_GetsNoGradientAndStaysTheSame(bool experts)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(experts ? AdaptedNetwork.Experts : null), adapted = AdaptedNetwork.Trained(network, s_eight);
        string before = WeightHash.Sha256(network);

        Dictionary<string, Tensor> gradients = AdaptedNetwork.Gradients(adapted, ScalarType.Float32);

        gradients.Keys.Should().OnlyContain(name => name.Contains(".lora_", StringComparison.Ordinal)).And.HaveCountGreaterThan(20);
        network.parameters().Concat(adapted.parameters()).Should().OnlyContain(parameter => ReferenceEquals(parameter.grad, null));
        WeightHash.Sha256(network).Should().Be(before);
        WeightHash.Sha256(adapted).Should().Be(before, "that is its base's");
    }

    [Fact]
    public void Backward_SomeLayers_StopsAtTheLowest()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(), adapted = AdaptedNetwork.Trained(network, s_eight with { Layers = [1, 2] });
        using MiniMindNetwork all = AdaptedNetwork.Trained(network, s_eight with { Layers = [1, 2], Targets = LoraTargets.Named("q_proj") });
        adapted.Stack.LowestTrained.Should().Be(1);
        List<int> stages = [];

        Dictionary<string, Tensor> gradients = AdaptedNetwork.Gradients(adapted, ScalarType.Float32);
        LayeredPass pass = new(all, AdaptedNetwork.Ids(network.Config), AdaptedNetwork.Layout(), ScalarType.Float32, null, recompute: true);
        pass.Backward(ones_like(pass.Hidden), 0, stages.Add);

        gradients.Should().HaveCount(2 * 7 * 2);
        stages.Should().Equal([4, 3, 2, 1, 0], "who sends gradients waits for all");
        all.TrainedParameters.Should()
            .HaveCount(4).And.OnlyContain(p => p.Parameter.grad!.ne(0).any().item<bool>() || p.Name.EndsWith(LowRankAdapter.SuffixA, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_FrozenBelow_IsThatOfTheWholeAboveBitForBit(bool recompute)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(),
            part = network.WithTrained(name => !name.StartsWith("model.embed", StringComparison.Ordinal) && !name.Contains(".0.", StringComparison.Ordinal));

        Dictionary<string, Tensor> some = AdaptedNetwork.Gradients(part, ScalarType.Float32, recompute),
            all = AdaptedNetwork.Gradients(network, ScalarType.Float32);

        some.Should().HaveCount(2 * 11 + 1);
        foreach ((string name, Tensor gradient) in some)
            AdaptedNetwork.Same(gradient, all[name]).Should().BeTrue(name);
    }

    [Fact]
    public void WithAdapter_TwoOnOneBase_ShareItsMemoryAndOutliveIt()
    {
        using DisposeScope scope = NewDisposeScope();
        MiniMindNetwork network = AdaptedNetwork.Base();
        using MiniMindNetwork one = AdaptedNetwork.Trained(network, s_eight), two = AdaptedNetwork.Trained(network, s_eight, seed: 10);
        Tensor before = AdaptedNetwork.Hidden(one, ScalarType.Float32);
        nint Address(MiniMindNetwork of) => of.HeadWeight.storage<float>().data_ptr();

        Address(one).Should().Be(Address(network)).And.Be(Address(two));
        network.Dispose();

        AdaptedNetwork.Same(AdaptedNetwork.Hidden(one, ScalarType.Float32), before).Should().BeTrue();
        AdaptedNetwork.Same(AdaptedNetwork.Hidden(two, ScalarType.Float32), before).Should().BeFalse();
    }

    [Theory]
    [InlineData(FrozenFormat.BFloat16, 1e-3, 0.02)]
    [InlineData(FrozenFormat.Int8, 1e-3, 0.05)]
    public void FrozenCopy_LowPrecision_ComputesLikeItsOwnNumbersInFp32(FrozenFormat format, double least, double most)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(), frozen = network.FrozenCopy(format, CPU), dense = frozen.Merged();
        using MiniMindNetwork adapted = AdaptedNetwork.Trained(frozen, s_eight), expected = AdaptedNetwork.Trained(dense, s_eight);

        foreach (ComputeMode mode in new[] { new ComputeMode(ScalarType.Float32), new ComputeMode(ScalarType.Float32, Fused: false) })
        {
            Dictionary<string, Tensor> ours = AdaptedNetwork.Gradients(adapted, mode), theirs = AdaptedNetwork.Gradients(expected, mode);
            foreach ((string name, Tensor gradient) in ours)
                TensorAssertions.RelativeDistance(gradient, theirs[name]).Should().BeLessThan(1e-5, name);
            TensorAssertions.RelativeDistance(AdaptedNetwork.Hidden(adapted, mode), AdaptedNetwork.Hidden(expected, mode)).Should().BeLessThan(1e-5);
            foreach ((_, TorchSharp.Modules.Parameter parameter) in adapted.TrainedParameters.Concat(expected.TrainedParameters))
                parameter.grad = null;
        }
        TensorAssertions.RelativeDistance(AdaptedNetwork.Hidden(frozen, ScalarType.Float32), AdaptedNetwork.Hidden(network, ScalarType.Float32)).Should()
            .BeInRange(least, most, "the format rounds");
        foreach ((string name, StoredMatrix matrix) in frozen.Matrices)
        {
            Tensor original = network.Matrices[name].Dense(ScalarType.Float32), rounding = (matrix.Dense(ScalarType.Float32) - original).abs();
            Tensor bound = format == FrozenFormat.Int8 ? original.abs().amax([1L], keepdim: true).mul(0.5 / 127 * 1.0001) : original.abs().mul(1 / 256.0);
            (rounding <= bound).all().item<bool>().Should().BeTrue(name);
        }
    }

    [Fact]
    public void FrozenCopy_Int8_TakesLessThan30PercentOfFp32()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(AdaptedNetwork.Small with { HiddenSize = 256, VocabularySize = 640, LayerCount = 2 }),
            frozen = network.FrozenCopy(FrozenFormat.Int8, CPU);

        static double Bytes(MiniMindNetwork of) => of.Matrices.Values.Sum(m => m.Bytes) + of.parameters().Where(p => p.dim() == 1).Sum(p => p.numel() * 4);

        (Bytes(frozen) / Bytes(network)).Should().BeLessThan(0.3);
        (frozen.parameters().Sum(p => p.numel() * p.element_size()) / Bytes(network)).Should().BeLessThan(0.3);
    }

    [Fact]
    public void FrozenCopy_RowOfZeros_StaysZeros()
    {
        using DisposeScope scope = NewDisposeScope();
        using StoredMatrix matrix = new(new TorchSharp.Modules.Parameter(tensor(new float[,] { { 0, 0, 0 }, { 1, -127, 63.4f } })));

        using StoredMatrix rounded = matrix.Copy(FrozenFormat.Int8, CPU);

        rounded.Dense(ScalarType.Float32).data<float>().ToArray().Should().Equal(0, 0, 0, 1, -127, 63);
        rounded.Rows(tensor(new long[] { 1 })).data<float>().ToArray().Should().Equal(1, -127, 63);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.3)]
    public void Backward_WithinAScope_LeavesNoTensorBehind(bool dora, double dropout)
    {
        using MiniMindNetwork network = AdaptedNetwork.Base(), adapted = AdaptedNetwork.Trained(network, s_eight with { Dora = dora, Dropout = dropout });
        using FlatParameters parameters = new(adapted.TrainedParameters);
        long Run()
        {
            using DisposeScope scope = NewDisposeScope();
            AdaptedNetwork.Gradients(adapted, ScalarType.Float32);
            AdaptedNetwork.Hidden(adapted, ScalarType.Float32);
            return Tensor.TotalCount;
        }
        Run();
        long before = LiveTensors.Settled();

        long within = Run();

        Tensor.TotalCount.Should().BeLessThanOrEqualTo(before);
        within.Should().BeGreaterThan(before);
    }

    [Fact]
    public void Derived_MadeAndDisposed_LeaveNoTensorBehind()
    {
        using MiniMindNetwork network = AdaptedNetwork.Base();
        void Run()
        {
            using MiniMindNetwork adapted = AdaptedNetwork.Trained(network, s_eight with { Dora = true }), int8 = adapted.FrozenCopy(FrozenFormat.Int8, CPU);
            using MiniMindNetwork shared = int8.WithAdapter(adapted.Adapter!.Clone(CPU)),
                part = network.WithTrained(name => name.Contains(".2.", StringComparison.Ordinal)), merged = int8.Merged();
        }
        Run();
        long before = LiveTensors.Settled();

        Run();

        const int networks = 5 * (3 * 11 + 2), adapters = 3 * 7 * 3 * 3, lengths = 3 * 7 * 2;
        (Tensor.TotalCount - before).Should()
            .Be(networks + adapters + lengths, "TorchSharp counts what becomes a parameter once more, and never takes that back");
    }

    [Fact]
    public void Backward_RecomputeWithAdapterDropout_IsRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = AdaptedNetwork.Base(), adapted = AdaptedNetwork.Fresh(network, s_eight with { Dropout = 0.1 });

        Action run = () => AdaptedNetwork.Gradients(adapted, ScalarType.Float32, recompute: true);

        run.Should().Throw<NotSupportedException>().WithMessage("*drops 10*");
    }
}
