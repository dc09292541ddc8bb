using System.IO.Compression;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>ML.NET's files of models with adapters: with the model's own weights once, or with their hash.</summary>
public sealed class AdapterModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context;
    private readonly PretrainedModel _model = SmallModel.Create();

    public AdapterModelTests() => _context = new MLContext(seed: 1) { TempFilePath = Directory.CreateDirectory(_folder.File("temp")).FullName };

    public void Dispose()
    {
        _model.Dispose();
        ModelFolders.Delete(_folder.Path);
    }

    public static TheoryData<LoraOptions> Adapters => new()
    {
        AdapterRun.Four, AdapterRun.Four with { Dora = true, RankStabilized = true, Layers = [1] }, AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 },
            AdapterRun.Four with { BaseFormat = FrozenFormat.BFloat16 },
    };

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Load_EmbeddedBase_ScoresToTheBit(LoraOptions adapter)
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model, adapter));
        string path = Save(trained);

        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(path, out _);

        AdapterRun.Scores(_context, loaded).Select(score => (score.ChosenLogProb, score.Margin)).Should()
            .Equal(AdapterRun.Scores(_context, trained).Select(score => (score.ChosenLogProb, score.Margin)));
        AdapterRun.Sha256(loaded).Should().Be(AdapterRun.Sha256(trained));
        Entries(path).Should().ContainSingle(name => name.EndsWith("policy.safetensors", StringComparison.Ordinal), "policy and reference share them")
            .And.NotContain(name => name.EndsWith("reference.safetensors", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void LoadModel_BaseByHash_ScoresToTheBitAndSharesIt(LoraOptions adapter)
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model, adapter with { EmbedBase = false }));
        string path = Save(trained);

        using DpoTransformer loaded = (DpoTransformer)_context.Preferences.LoadModel(path, _model);

        AdapterRun.Scores(_context, loaded).Select(score => (score.ChosenLogProb, score.Margin)).Should()
            .Equal(AdapterRun.Scores(_context, trained).Select(score => (score.ChosenLogProb, score.Margin)));
        Entries(path).Should().NotContain(name => name.EndsWith("policy.safetensors", StringComparison.Ordinal));
        using PretrainedModel policy = loaded.AsModel();
        if (adapter.BaseFormat == FrozenFormat.Float32)
            AdapterRun.Address(policy.Network.Network).Should().Be(AdapterRun.Address(_model.Network.Network));
        string again = Save(loaded, "again.zip");
        Entries(again).Should().Equal(Entries(path), "what is saved once more stays without its base");
    }

    [Fact]
    public void LoadModel_BaseByHash_OtherOrNone_IsRefusedWithBothHashes()
    {
        using PretrainedModel other = SmallModel.Create(seed: 2);
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model, AdapterRun.Four with { EmbedBase = false }));
        string path = Save(trained), hash = WeightHash.Sha256(_model.Network.Network);

        FluentActions.Invoking(() => _context.Preferences.LoadModel(path)).Should().Throw<InvalidDataException>()
            .WithMessage($"*only their hash {hash}*LoadModel(path, baseModel)*");
        FluentActions.Invoking(() => _context.Preferences.LoadModel(path, null)).Should().Throw<InvalidDataException>("null is no options, and no model")
            .WithMessage($"*only their hash {hash}*");
        FluentActions.Invoking(() => _context.Preferences.LoadModel(path, other)).Should().Throw<InvalidDataException>()
            .WithMessage($"*hash {hash}, and those of the model that was given have {WeightHash.Sha256(other.Network.Network)}*");
    }

    [Fact]
    public void Load_ContinuedAdapter_HasItsReferencesAdapterToo()
    {
        using PretrainedModel tuned = AdapterRun.FineTuned(_context, _model);
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(tuned, LoraOptions.Continue));
        string path = Save(trained);

        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(path, out _);

        AdapterRun.Scores(_context, loaded).Select(score => score.Margin).Should().Equal(AdapterRun.Scores(_context, trained).Select(score => score.Margin));
        Entries(path).Should().Contain(name => name.EndsWith("reference-adapter.safetensors", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_FineTunedModel_HasItsAdapter(bool embed)
    {
        using SftTransformer trained = new SftTrainer(_context, AdapterRun.Supervised(_model, AdapterRun.Four with { EmbedBase = embed }))
            .Fit(SmallModel.Pairs(_context, 11));
        string path = Save(trained);

        using SftTransformer loaded = (SftTransformer)(embed ? _context.Model.Load(path, out _) : _context.Preferences.LoadModel(path, _model));

        using LoraAdapter before = trained.Model.ExtractAdapter(), after = loaded.Model.ExtractAdapter();
        WeightHash.Sha256(after.Values).Should().Be(WeightHash.Sha256(before.Values));
        WeightHash.Sha256(loaded.Model.Network.Network).Should().Be(WeightHash.Sha256(_model.Network.Network));
    }

    [Fact]
    public void Load_DamagedAdapterEntry_IsRefusedInOneSentence()
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model));
        string path = Save(trained);
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            ZipArchiveEntry entry = archive.Entries.Single(e => e.FullName.EndsWith("policy-adapter.safetensors", StringComparison.Ordinal));
            using Stream stream = entry.Open();
            stream.SetLength(stream.Length - 4);
        }

        FluentActions.Invoking(() => _context.Preferences.LoadModel(path)).Should().Throw<InvalidDataException>()
            .WithMessage("*policy-adapter.safetensors' cannot be read:*");
    }

    private static List<string> Entries(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private string Save(ITransformer trained, string name = "model.zip")
    {
        _context.Model.Save(trained, null, _folder.File(name));
        return _folder.File(name);
    }
}
