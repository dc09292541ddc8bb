using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>MiniMind 2's checkpoints come without a configuration, and their shapes do not tell the heads.</summary>
public class InferredMiniMind2Tests
{
    private static readonly ModelConfig s_small = new()
    {
        ModelType = "minimind", HiddenSize = 128, LayerCount = 2, HeadCount = 8, KeyValueHeadCount = 2,
        IntermediateSize = 384, RmsNormEpsilon = 1e-5, QkNorm = false
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_PthOfMiniMind2_IsItsShape(bool experts)
    {
        using TemporaryFolder folder = new();
        ModelConfig config = experts
            ? s_small with
            {
                Experts = new ExpertsConfig
                {
                    Count = 4, PerToken = 2, IntermediateSize = 384, SharedCount = 1, BalancesSequences = true,
                    AuxLossCoefficient = 0.01
                }
            }
            : s_small;
        Write(folder, config);

        (ModelConfig inferred, IWeightSource weights) = ModelFolder.Open(folder.File("full_sft_128.pth"));

        weights.Dispose();
        inferred.ShouldSay(config);
    }

    [Fact]
    public void Open_PthOfAnotherShape_AsksForTheHeads()
    {
        using TemporaryFolder folder = new();
        Write(folder, s_small with { HeadCount = 16, KeyValueHeadCount = 8 });
        string path = folder.File("full_sft_128.pth");

        Refusal.Assert<WeightFileException>(() => ModelFolder.Open(path).Weights.Dispose(), path, "do not tell how many heads");

        (ModelConfig given, IWeightSource weights) = ModelFolder.Open(path, s_small with { HeadCount = 16, KeyValueHeadCount = 8 });
        weights.Dispose();
        given.HeadCount.Should().Be(16);
    }

    private static void Write(TemporaryFolder folder, ModelConfig config)
    {
        using MiniMindNetwork network = new(config);
        using Generator random = new(1);
        network.Initialize(random);
        ModelWriter.SaveCheckpoint(folder.File("full_sft_128.pth"), config, network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter));
    }
}
