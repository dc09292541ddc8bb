using System.IO.Compression;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>ML.NET's files of models trained on feedback with adapters: with the model's own weights once, or with their hash.</summary>
public sealed class FeedbackAdapterModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context;
    private readonly PretrainedModel _model = SmallModel.Create();

    public FeedbackAdapterModelTests() => _context = new MLContext(seed: 1) { TempFilePath = Directory.CreateDirectory(_folder.File("temp")).FullName };

    public void Dispose()
    {
        _model.Dispose();
        ModelFolders.Delete(_folder.Path);
    }

    public static TheoryData<LoraOptions> Adapters => new()
    {
        AdapterRun.Four, AdapterRun.Four with { Dora = true, RankStabilized = true, Layers = [1] }, AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 },
    };

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Load_EmbeddedBase_ScoresToTheBit(LoraOptions adapter)
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model, adapter));
        string path = Save(trained);

        using KtoTransformer loaded = (KtoTransformer)_context.Model.Load(path, out _);

        ShouldScoreAlike(loaded, trained);
        FeedbackAdapterRun.Sha256(loaded).Should().Be(FeedbackAdapterRun.Sha256(trained));
        Entries(path).Should().ContainSingle(name => name.EndsWith("policy.safetensors", StringComparison.Ordinal), "policy and reference share them")
            .And.NotContain(name => name.EndsWith("reference.safetensors", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void LoadModel_BaseByHash_ScoresToTheBitAndSharesIt(LoraOptions adapter)
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model, adapter with { EmbedBase = false }));
        string path = Save(trained);

        using KtoTransformer loaded = (KtoTransformer)_context.Preferences.LoadModel(path, _model);

        ShouldScoreAlike(loaded, trained);
        Entries(path).Should().NotContain(name => name.EndsWith("policy.safetensors", StringComparison.Ordinal));
        using PretrainedModel policy = loaded.AsModel();
        if (adapter.BaseFormat == FrozenFormat.Float32)
            AdapterRun.Address(policy.Network.Network).Should().Be(AdapterRun.Address(_model.Network.Network));
        Entries(Save(loaded, "again.zip")).Should().Equal(Entries(path), "what is saved once more stays without its base");
    }

    [Fact]
    public void LoadModel_BaseByHash_OtherOrNone_IsRefusedWithBothHashes()
    {
        using PretrainedModel other = SmallModel.Create(seed: 2);
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model, AdapterRun.Four with { EmbedBase = false }));
        string path = Save(trained), hash = WeightHash.Sha256(_model.Network.Network);

        FluentActions.Invoking(() => _context.Preferences.LoadModel(path)).Should().Throw<InvalidDataException>()
            .WithMessage($"*only their hash {hash}*LoadModel(path, baseModel)*");
        FluentActions.Invoking(() => _context.Preferences.LoadModel(path, other)).Should().Throw<InvalidDataException>()
            .WithMessage($"*hash {hash}, and those of the model that was given have {WeightHash.Sha256(other.Network.Network)}*");
    }

    [Fact]
    public void Load_ContinuedAdapter_HasItsReferencesAdapterToo()
    {
        using PretrainedModel tuned = AdapterRun.FineTuned(_context, _model);
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(tuned, LoraOptions.Continue));
        string path = Save(trained);

        using KtoTransformer loaded = (KtoTransformer)_context.Model.Load(path, out _);

        ShouldScoreAlike(loaded, trained);
        Entries(path).Should().Contain(name => name.EndsWith("reference-adapter.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_WithoutAdapter_HasTheEntriesOfEarlierFiles()
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model) with { Adapter = null });
        string path = Save(trained);

        using KtoTransformer loaded = (KtoTransformer)_context.Model.Load(path, out _);

        ShouldScoreAlike(loaded, trained);
        Entries(path).Select(Path.GetFileName).Should().Contain(["policy.safetensors", "reference.safetensors"])
            .And.NotContain(name => name!.Contains("adapter", StringComparison.Ordinal));
    }

    private void ShouldScoreAlike(KtoTransformer loaded, KtoTransformer trained)
    {
        List<FeedbackScore> scores = FeedbackAdapterRun.Scores(_context, trained);
        FeedbackAdapterRun.Scores(_context, loaded).Select(score => (score.LogProb, score.Reward)).Should()
            .Equal(scores.Select(score => (score.LogProb, score.Reward)));
        scores.Should().Contain(score => score.Reward != 0);
        loaded.Baseline.Should().Be(trained.Baseline);
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
