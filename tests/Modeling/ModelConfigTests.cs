using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>Configurations in files and in hashes of earlier versions stay what they were.</summary>
public class ModelConfigTests
{
    [Fact]
    public void Serialize_ModelWithoutFurtherParts_IsWhatItWasBeforeThereWereAny() =>
        JsonSerializer.Serialize(new ModelConfig { Experts = new ExpertsConfig { IntermediateSize = 64 } }).Should().Be(
            """
            {"VocabularySize":6400,"HiddenSize":768,"LayerCount":8,"HeadCount":8,"KeyValueHeadCount":4,"HeadDim":96,"IntermediateSize":2432,
            "MaxPositions":32768,"RmsNormEpsilon":1E-06,"RopeTheta":1000000,"RopeScaling":null,"TieWordEmbeddings":true,"QkNorm":true,
            "Experts":{"Count":4,"PerToken":1,"IntermediateSize":64,"NormalizeTopK":true,"AuxLossCoefficient":0.0005},
            "Dropout":0,"BosTokenId":1,"EosTokenId":2,"EosTokenIds":null}
            """.ReplaceLineEndings(""), "checkpoints and cached references are found by a hash of it");

    [Fact]
    public void Serialize_EveryPart_ReadsBackEqual()
    {
        ModelConfig config = new()
        {
            ModelType = "phi3", QkvBias = true, LongRopeScaling =
            new LongRopeScaling { ShortFactors = [1, 2], LongFactors = [3, 4], OriginalMaxPositions = 99, AttentionFactor = 1.5 }, LinearRopeFactor = 2,
            RotaryDim = 4,
            UnrotatedLayers = [1, 3], SlidingWindow = 5, GlobalLayers = [2], LocalRopeTheta = 7, Activation = Activation.GeluTanh, UnitOffsetNorms = true,
            SandwichNorms = true, ScaledEmbeddings = true,
            QueryPreAttentionScalar = 9, Llama3Scaling = new Llama3Scaling { Factor = 3 }, Experts =
            new ExpertsConfig { IntermediateSize = 4, SharedCount = 2, BalancesSequences = true },
        };

        ModelConfig read = JsonSerializer.Deserialize<ModelConfig>(JsonSerializer.Serialize(config))!;

        (read.LongRopeScaling, read.Llama3Scaling, read.Experts).Should().Be((config.LongRopeScaling, config.Llama3Scaling, config.Experts));
        JsonSerializer.Serialize(read).Should().Be(JsonSerializer.Serialize(config));
        foreach (System.Reflection.PropertyInfo part in typeof(ModelConfig).GetProperties())
            JsonSerializer.Serialize(part.GetValue(read)).Should().Be(JsonSerializer.Serialize(part.GetValue(config)), part.Name);
    }

    [Fact]
    public void Validate_PartsThatCannotBe_AreAllNamed()
    {
        ModelConfig config = new()
        {
            RotaryDim = 200, SlidingWindow = 0, LocalRopeTheta = 1, LinearRopeFactor = 0.5, QueryPreAttentionScalar = -1, UnrotatedLayers = [8], GlobalLayers =
            [-1],
            Llama3Scaling = new Llama3Scaling { LowFrequencyFactor = 4 }, LongRopeScaling =
            new LongRopeScaling { ShortFactors = [1], LongFactors = [0], OriginalMaxPositions = 8, AttentionFactor = 0 },
        };

        string message = config.Invoking(c => c.Validate()).Should().Throw<ArgumentException>().Which.Message;

        foreach (string part in (string[])
        [
            "RotaryDim is 200", "SlidingWindow is 0", "LocalRopeTheta is 1", "LinearRopeFactor is 0.5", "QueryPreAttentionScalar is -1",
            "UnrotatedLayers has 8", "GlobalLayers has -1", "at most one of",
            "Llama3Scaling is", "LongRopeScaling.ShortFactors has 1", "LongRopeScaling.LongFactors has 1", "LongRopeScaling.AttentionFactor is 0",
        ])
        {
            message.Should().Contain(part);
        }
    }
}
