using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(LayeredPassTests), DisableParallelization = true)]
[Collection(nameof(LayeredPassTests))]
public sealed class LayeredPassTests
{
    private const double AuxiliaryWeight = 0.7;

    [Theory]
    [InlineData("model-dense/tiny", false, 0)]
    [InlineData("model-dense/tiny", false, 0.2)]
    [InlineData("model-dense/tiny", true, 0)]
    [InlineData("model-moe/top2", false, 0)]
    [InlineData("model-moe/top2", true, 0)]
    public void Backward_CutAtEveryLayer_GivesTheGradientsOfOneGraphBitForBit(string folder, bool recompute, double dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network(folder, dropout);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        Tensor ids = Ids(network), gradient = randn([ids.shape[0], network.Config.HiddenSize], generator: new Generator(2));

        manual_seed(3);
        NetworkOutput whole = network.Forward(ids, Layout(), training: true);
        autograd.backward(whole.AuxiliaryLoss is { } loss ? [whole.Hidden, loss] : [whole.Hidden],
            whole.AuxiliaryLoss is null ? [gradient] : [gradient, tensor((float)AuxiliaryWeight)]);
        Tensor expected = parameters.Gradients.clone();
        parameters.ZeroGradients();
        manual_seed(3);
        LayeredPass pass = new(network, ids, Layout(), new ComputeMode(ScalarType.Float32, Fused: false), null, recompute);
        pass.Backward(gradient, AuxiliaryWeight);

        pass.Hidden.equal(whole.Hidden).all().item<bool>().Should().BeTrue();
        pass.AuxiliaryLoss?.item<float>().Should().Be(whole.AuxiliaryLoss!.item<float>());
        parameters.Gradients.equal(expected).all().item<bool>().Should().BeTrue();
        expected.ne(0).any().item<bool>().Should().BeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_StageFinished_GradientsOfItsParametersAreComplete(bool recompute)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network("model-moe/top2", 0);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        int layers = network.Config.LayerCount;
        Dictionary<int, string[]> stages = parameters.Slices.GroupBy(s => BackwardStage.Of(s.Name, layers))
            .ToDictionary(g => g.Key, g => g.Select(s => s.Name).ToArray());
        Dictionary<string, Tensor> gradients = network.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!), complete = [];
        List<int> order = [];
        Tensor ids = Ids(network);
        LayeredPass pass = new(network, ids, Layout(), ScalarType.Float32, null, recompute);

        pass.Backward(ones_like(pass.Hidden), AuxiliaryWeight, stage =>
        {
            order.Add(stage);
            foreach (string name in stages[stage])
                complete.Add(name, gradients[name].clone().MoveToOtherDisposeScope(ids));
        });

        order.Should().Equal(Enumerable.Range(0, layers + 2).Reverse());
        complete.Should().HaveCount(parameters.Slices.Count);
        foreach ((string name, Tensor gradient) in complete)
            gradient.equal(gradients[name]).all().item<bool>().Should().BeTrue(name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_WithinAScope_LeavesNoTensorBehind(bool recompute)
    {
        using MiniMindNetwork network = Network("model-moe/top2", 0);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        long Run()
        {
            using DisposeScope scope = NewDisposeScope();
            LayeredPass pass = new(network, Ids(network), Layout(), ScalarType.Float32, null, recompute);
            pass.Backward(ones_like(pass.Hidden), AuxiliaryWeight);
            return Tensor.TotalCount;
        }
        Run();
        long before = LiveTensors.Settled();

        long within = Run();

        Tensor.TotalCount.Should().BeLessThanOrEqualTo(before);
        within.Should().BeGreaterThan(before);
    }

    [Fact]
    public void Constructor_RecomputeWithDropout_IsRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network("model-dense/tiny", 0.1);

        Action run = () => _ = new LayeredPass(network, Ids(network), Layout(), ScalarType.Float32, null, recompute: true);

        run.Should().Throw<NotSupportedException>().WithMessage("*drops 10*of its activations*");
    }

    [Fact]
    public void Of_UntiedHead_IsFinishedFirst()
    {
        BackwardStage.Of("lm_head.weight", layerCount: 8).Should().Be(BackwardStage.Head(8)).And.Be(9);
        BackwardStage.Of("model.norm.weight", layerCount: 8).Should().Be(9);
        BackwardStage.Of("model.layers.10.mlp.up_proj.weight", layerCount: 12).Should().Be(11);
        BackwardStage.Of("model.embed_tokens.weight", layerCount: 8).Should().Be(BackwardStage.Embedding);
    }

    private static MiniMindNetwork Network(string folder, double dropout)
    {
        MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden(folder)) with { Dropout = dropout });
        network.Initialize(new Generator(1), 0.1);
        return network;
    }

    private static Tensor Ids(MiniMindNetwork network) => randint(network.Config.VocabularySize, [18], ScalarType.Int64, generator: new Generator(4));

    private static RectangularLayout Layout() => new(2, 9, CPU);
}
