using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class ParameterShapesTests
{
    [Theory]
    [InlineData("model-dense", "yarn")]
    [InlineData("model-moe", "top1")]
    [InlineData("dpo-step", "dense")]
    [InlineData("dpo-step", "moe")]
    public void Of_GoldenConfig_IsTheReferencesStateDict(string kind, string name)
    {
        ModelConfig config = ConfigJson.Read(TestFiles.Golden(kind, name, "config.json"));
        using IWeightSource stateDict = WeightFile.Open(TestFiles.Golden(kind, name, "state_dict.safetensors"));
        using IWeightSource saved = WeightFile.Open(TestFiles.Golden(kind, name, "model.safetensors"));

        Dictionary<string, long[]> untied = ParameterShapes.Of(config with { TieWordEmbeddings = false });
        untied.Keys.Should().BeEquivalentTo(stateDict.Tensors.Keys);
        foreach ((string tensor, long[] shape) in untied)
            stateDict.Tensors[tensor].Shape.Should().Equal(shape, tensor);
        ParameterShapes.Of(config).Keys.Should().BeEquivalentTo(saved.Tensors.Keys, "transformers saves a tied model without its head");
    }
}
