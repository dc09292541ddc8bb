using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public sealed class StateDictLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Tensor> _parameters = new()
    {
        [StateDictNames.Embedding] = zeros(4, 2),
        ["model.norm.weight"] = zeros(2),
    };

    public void Dispose()
    {
        foreach (Tensor tensor in _parameters.Values)
            tensor.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(StateDictNames.Embedding)]
    [InlineData(StateDictNames.Head)]
    public void Load_TiedModelWithOneName_Loads(string name)
    {
        using Tensor matrix = rand(4, 2), norm = rand(2);
        using IWeightSource source = Source((name, matrix), ("model.norm.weight", norm));

        StateDictLoader.Load(source, _parameters, tied: true);

        _parameters[StateDictNames.Embedding].SameAs(matrix).Should().BeTrue();
        _parameters["model.norm.weight"].SameAs(norm).Should().BeTrue();
    }

    [Fact]
    public void Load_TiedModelWithBothNames_WantsThemEqual()
    {
        using Tensor matrix = rand(4, 2), other = matrix.clone(), norm = rand(2);
        using IWeightSource equalSource = Source((StateDictNames.Head, matrix), (StateDictNames.Embedding, matrix), ("model.norm.weight", norm));
        StateDictLoader.Load(equalSource, _parameters, tied: true);
        _parameters[StateDictNames.Embedding].SameAs(matrix).Should().BeTrue();

        other[3, 1] = 5;
        using IWeightSource differing = Source((StateDictNames.Head, matrix), (StateDictNames.Embedding, other), ("model.norm.weight", norm));
        FluentActions.Invoking(() => StateDictLoader.Load(differing, _parameters, tied: true))
            .Should().Throw<WeightFileException>().WithMessage("*'model.embed_tokens.weight' and 'lm_head.weight' differ*");
    }

    [Fact]
    public void Load_ModelWithItsOwnHead_WantsBothNames()
    {
        _parameters[StateDictNames.Head] = zeros(4, 2);
        using Tensor matrix = rand(4, 2), head = rand(4, 2), norm = rand(2);
        using IWeightSource tied = Source((StateDictNames.Embedding, matrix), ("model.norm.weight", norm));
        using IWeightSource untied = Source((StateDictNames.Embedding, matrix), (StateDictNames.Head, head), ("model.norm.weight", norm));

        FluentActions.Invoking(() => StateDictLoader.Load(tied, _parameters, tied: false)).Should().Throw<WeightFileException>()
            .WithMessage("*1 missing: lm_head.weight*");
        StateDictLoader.Load(untied, _parameters, tied: false);
        _parameters[StateDictNames.Head].SameAs(head).Should().BeTrue();
    }

    [Fact]
    public void Load_UnknownMissingAndMisshapenTensors_ListsAllAndLoadsNothing()
    {
        using Tensor matrix = rand(4, 3), extra = rand(1);
        (string, Tensor)[] strangers = [.. Enumerable.Range(0, 15).Select(i => ($"extra.{i:D2}", extra))];
        using IWeightSource source = Source([(StateDictNames.Embedding, matrix), .. strangers]);

        string message = FluentActions.Invoking(() => StateDictLoader.Load(source, _parameters, tied: true)).Should().Throw<WeightFileException>()
            .Which.Message;

        message.Should().Contain("15 unknown: extra.00,").And.Contain("extra.09, and 5 more").And.NotContain("extra.10")
            .And.Contain("1 missing: model.norm.weight").And.Contain("1 misshapen: model.embed_tokens.weight is Float32 [4, 3] instead of [4, 2]");
        _parameters[StateDictNames.Embedding].count_nonzero().item<long>().Should().Be(0);
    }

    [Fact]
    public void Load_RotaryTablesOfOldCheckpoints_AreLeftOutByName()
    {
        using Tensor matrix = rand(4, 2), norm = rand(2), table = rand(3);
        (string, Tensor)[] model = [(StateDictNames.Embedding, matrix), ("model.norm.weight", norm)];
        using IWeightSource old = Source([.. model, ("freqs_cos", table), ("freqs_sin", table), ("model.freqs_cos", table),
            ("model.layers.0.self_attn.rotary_emb.inv_freq", table)]);
        using IWeightSource strange = Source([.. model, ("model.layers.0.freqs_cos", table)]);

        StateDictLoader.Load(old, _parameters, tied: true);
        FluentActions.Invoking(() => StateDictLoader.Load(strange, _parameters, tied: true)).Should().Throw<WeightFileException>()
            .WithMessage("*1 unknown: model.layers.0.freqs_cos*");
    }

    [Fact]
    public void Load_IntegersForAParameter_AreMisshapen()
    {
        string path = _folder.Write("a.safetensors", SafetensorsFile.Create(
            """{"model.embed_tokens.weight":{"dtype":"I64","shape":[4,2],"data_offsets":[0,64]},"model.norm.weight":{"dtype":"F32","shape":[2],"data_offsets":[64,72]}}""", 72));
        using IWeightSource source = WeightFile.Open(path);

        FluentActions.Invoking(() => StateDictLoader.Load(source, _parameters, tied: true)).Should().Throw<WeightFileException>()
            .WithMessage("*Int64 [4, 2] instead of floating-point numbers*");
    }

    [Fact]
    public void Load_HalfCheckpoint_ConvertsToTheParametersType()
    {
        using IWeightSource source = WeightFile.Open(TestFiles.Golden("pth", "good", "half_torch2.14.pth"));
        using IWeightSource same = WeightFile.Open(TestFiles.Golden("pth", "expected_half.safetensors"));
        Dictionary<string, Tensor> parameters = source.Tensors.Where(pair => pair.Key != StateDictNames.Head)
            .ToDictionary(pair => pair.Key, pair => zeros(pair.Value.Shape));

        StateDictLoader.Load(source, parameters, tied: true);

        foreach ((string name, Tensor parameter) in parameters)
        {
            using (parameter)
                same.Tensors[name].Matches(parameter).Should().BeTrue(name);
        }
    }

    private IWeightSource Source(params (string Name, Tensor Tensor)[] tensors)
    {
        string path = _folder.File(Path.GetRandomFileName() + ".safetensors");
        using (FileStream stream = File.Create(path))
            SafetensorsWriter.Write(stream, [.. tensors.Select(pair => KeyValuePair.Create(pair.Name, pair.Tensor))], WeightPrecision.Float32);
        return WeightFile.Open(path);
    }
}
