using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class ModelFolderTests
{
    [Fact]
    public void FindWeights_SeveralFormats_PrefersSafetensors()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["full_sft_768.pth", "pytorch_model.bin", "model.safetensors.index.json", "model.safetensors"])
        {
            folder.Write(name, []);
            ModelFolder.FindWeights(folder.Path).Should().Be(folder.File(name), "each of these goes before the ones already there");
        }
    }

    [Fact]
    public void FindWeights_SeveralCheckpoints_AsksWhich()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.pth", []);
        folder.Write("b.pth", []);

        FluentActions.Invoking(() => ModelFolder.FindWeights(folder.Path)).Should().Throw<WeightFileException>().WithMessage("*2 checkpoints*a.pth, b.pth*");
    }

    [Fact]
    public void FindWeights_NothingKnown_SaysWhatIsLookedFor()
    {
        using TemporaryFolder folder = new();
        FluentActions.Invoking(() => ModelFolder.FindWeights(folder.Path)).Should().Throw<FileNotFoundException>().WithMessage("*no model.safetensors*");
        FluentActions.Invoking(() => ModelFolder.FindWeights(folder.File("none"))).Should().Throw<DirectoryNotFoundException>();

        folder.Write("pytorch_model.bin.index.json", []);
        FluentActions.Invoking(() => ModelFolder.FindWeights(folder.Path)).Should().Throw<WeightFileException>().WithMessage("*save the model as safetensors*");
    }

    [Theory]
    [InlineData("model-dense", "tiny")]
    [InlineData("model-moe", "top2")]
    public void Open_GoldenFolder_HasFittingConfigAndWeights(string kind, string name)
    {
        (ModelConfig config, IWeightSource weights) = ModelFolder.Open(ModelFolder.FindWeights(TestFiles.Golden(kind, name)));

        weights.Dispose();
        config.ShouldSay(ConfigJson.Read(TestFiles.Golden(kind, name, "config.json")));
    }

    [Fact]
    public void Open_WeightsOfAnotherShape_IsRefusedBeforeAnythingIsMade()
    {
        ModelConfig config = new() { VocabularySize = 4_000_000, HiddenSize = 4096, LayerCount = 100 };
        string path = TestFiles.Golden("pth", "good", "half_torch2.14.pth");

        Refusal.Assert<WeightFileException>(() => ModelFolder.Open(path, config).Weights.Dispose(), path, "misshapen");
    }

    [Theory]
    [InlineData("model-dense", "yarn")]
    [InlineData("model-moe", "top1")]
    public void Open_NoConfig_InfersItFromTheShapes(string kind, string name)
    {
        using TemporaryFolder folder = new();
        File.Copy(TestFiles.Golden(kind, name, "model.safetensors"), folder.File("model.safetensors"));

        (ModelConfig inferred, IWeightSource weights) = ModelFolder.Open(folder.File("model.safetensors"));

        weights.Dispose();
        ModelConfig golden = ConfigJson.Read(TestFiles.Golden(kind, name, "config.json"));
        inferred.ShouldSay(golden with { MaxPositions = 32_768, RopeScaling = null });
    }

    [Fact]
    public void Open_NoConfigAndForeignTensors_AsksForOne()
    {
        string path = TestFiles.Golden("pth", "good", "views_torch2.14.pth");

        Refusal.Assert<WeightFileException>(() => ModelFolder.Open(path).Weights.Dispose(), path, "give a configuration");
    }

    [SkippableFact]
    public void Open_SharedMiniMind_LoadsByConfigAndByShapes()
    {
        string path = ModelFolder.FindWeights(TestFiles.Shared("fetched", "minimind-256"));

        (ModelConfig config, IWeightSource weights) = ModelFolder.Open(path);

        using IWeightSource source = weights;
        InferredConfig.Of(source).ShouldSay(config);
        source.Tensors.Should().ContainKey(StateDictNames.Head);
    }
}
