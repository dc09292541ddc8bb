using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public sealed class ModelWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelConfig _config;
    private readonly Dictionary<string, Tensor> _parameters;

    public ModelWriterTests()
    {
        (_config, IWeightSource weights) = ModelFolder.Open(TestFiles.Golden("dpo-step", "moe", "model.safetensors"));
        using IWeightSource source = weights;
        _parameters = ParameterShapes.Of(_config).ToDictionary(pair => pair.Key, pair => zeros(pair.Value));
        StateDictLoader.Load(source, _parameters, _config.TieWordEmbeddings);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _parameters.Values)
            tensor.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ModelLayout.MiniMind, 5_000_000_000)]
    [InlineData(ModelLayout.HuggingFace, 5_000_000_000)]
    [InlineData(ModelLayout.HuggingFace, 200_000)]
    public void SaveFolder_Float32_LoadsBackTheSame(ModelLayout layout, long maxShardBytes)
    {
        ModelWriter.SaveFolder(_folder.Path, _config, _parameters, layout, WeightPrecision.Float32, maxShardBytes);

        (ModelConfig config, IWeightSource weights) = ModelFolder.Open(ModelFolder.FindWeights(_folder.Path));
        using IWeightSource source = weights;
        config.ShouldSay(_config);
        foreach ((string name, Tensor parameter) in _parameters)
            source.Tensors[name].Matches(parameter).Should().BeTrue(name);
        source.Tensors.Should().HaveCount(_parameters.Count, "a tied head is not stored twice");
        File.Exists(_folder.File("generation_config.json")).Should().BeTrue();
    }

    [Fact]
    public void SaveFolder_OverAnEarlierSave_LeavesNoOldShards()
    {
        _folder.Write("tokenizer.json", "{}"u8);
        _folder.Write("model-of-mine.safetensors", [1]);
        ModelWriter.SaveFolder(_folder.Path, _config, _parameters, ModelLayout.MiniMind, WeightPrecision.Float32, 200_000);
        Directory.GetFiles(_folder.Path, "model-0*").Length.Should().BeGreaterThan(1);

        ModelWriter.SaveFolder(_folder.Path, _config, _parameters, ModelLayout.MiniMind, WeightPrecision.Float16);

        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Should()
            .BeEquivalentTo("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "model-of-mine.safetensors");
    }

    [Fact]
    public void SaveFolder_LayoutThatCannotHoldTheModel_LeavesTheOldSave()
    {
        ModelWriter.SaveFolder(_folder.Path, _config, _parameters, ModelLayout.MiniMind, WeightPrecision.Float32);
        byte[] before = File.ReadAllBytes(_folder.File("config.json"));

        FluentActions.Invoking(() => ModelWriter.SaveFolder(
            _folder.Path, _config with { Dropout = 0.5 }, _parameters, ModelLayout.HuggingFace, WeightPrecision.Float32))
            .Should().Throw<NotSupportedException>();

        File.ReadAllBytes(_folder.File("config.json")).Should().Equal(before);
        Directory.GetFiles(_folder.Path).Should().HaveCount(3);
    }

    [Fact]
    public void SaveCheckpoint_TiedModel_HasEveryNameOfTheReference()
    {
        ModelWriter.SaveCheckpoint(_folder.File("dpo_64_moe.pth"), _config, _parameters);

        using IWeightSource saved = WeightFile.Open(_folder.File("dpo_64_moe.pth"));
        using IWeightSource reference = WeightFile.Open(TestFiles.Golden("dpo-step", "moe", "state_dict.safetensors"));
        saved.Tensors.Keys.Should().BeEquivalentTo(reference.Tensors.Keys, "eval_llm.py loads strictly");
        saved.Tensors.Values.Should().OnlyContain(view => view.Type == ScalarType.Float16);
        using Tensor expected = _parameters[StateDictNames.Embedding].to_type(ScalarType.Float16);
        saved.Tensors[StateDictNames.Head].Matches(expected).Should().BeTrue();
    }

    [Fact]
    public void SaveCheckpoint_ParametersOfAnotherModel_Throws() =>
        FluentActions.Invoking(() => ModelWriter.SaveCheckpoint(_folder.File("a.pth"), _config with { LayerCount = 3 }, _parameters))
            .Should().Throw<ArgumentException>().WithMessage("*model.layers.2*");

    [Fact]
    public void Load_ForwardOnlyStream_GivesTheSameParameters()
    {
        using MemoryStream stream = new();
        SafetensorsWriter.Write(stream, _parameters, WeightPrecision.Float32);
        stream.Position = 0;
        Dictionary<string, Tensor> loaded = _parameters.ToDictionary(pair => pair.Key, pair => zeros_like(pair.Value));
        using SafetensorsReader source = SafetensorsReader.Open(stream, stream.Length, "model.zip/policy");

        StateDictLoader.Load(source, loaded, tied: true);

        foreach ((string name, Tensor tensor) in loaded)
        {
            using (tensor)
                tensor.SameAs(_parameters[name]).Should().BeTrue(name);
        }
    }
}
