using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Persistence;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>
/// Models whose weights, or whose logits, are no numbers: refused from folders, checkpoints and ML.NET's files, unless they are allowed; and then no answer is
/// made of them.
/// </summary>
public sealed class NonFiniteModelTests : IDisposable
{
    private static readonly ModelConfig s_untied = new()
    {
        VocabularySize = 1024, HiddenSize = 32, LayerCount = 1, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512, TieWordEmbeddings = false,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Load_FolderWithNaN_IsRefusedUnlessAllowed_AndNeverAnswers()
    {
        using PretrainedModel model = SmallModel.Create();
        Set(model, "model.layers.1.mlp.up_proj.weight", float.NaN);
        model.SaveModel(_folder.File("model"));

        FluentActions.Invoking(() => PretrainedModel.Load(_folder.File("model"))).Should().Throw<WeightFileException>()
            .WithMessage("*model.safetensors*tensor 'model.layers.1.mlp.up_proj.weight'*1 NaN of*AllowNonFiniteWeights*");
        using PretrainedModel allowed = PretrainedModel.Load(_folder.File("model"), new ModelLoadOptions { AllowNonFiniteWeights = true });
        using IChatClient chat = allowed.AsChatClient(new GenerationOptions { MaxNewTokens = 4 });
        await FluentActions.Awaiting(() => chat.GetResponseAsync("Hello")).Should().ThrowAsync<NotFiniteNumberException>()
            .WithMessage("*logits are not finite*");
    }

    [Theory]
    [InlineData(WeightPrecision.Float32)]
    [InlineData(WeightPrecision.BFloat16)]
    public void LoadCheckpoint_FiniteWeightsWithLogitsThatAreNot_IsRefusedUnlessAllowed(WeightPrecision precision)
    {
        using PretrainedModel model = SmallModel.Create(config: s_untied);
        Fill(model, "model.embed_tokens.weight", 1f);
        Fill(model, "model.norm.weight", 8e18f);
        Fill(model, "lm_head.weight", 8e18f);
        model.SaveCheckpoint(_folder.File("a.pth"), precision);

        FluentActions.Invoking(() => PretrainedModel.LoadCheckpoint(_folder.File("a.pth"), s_untied, SmallModel.TokenizerFolder)).Should()
            .Throw<WeightFileException>()
            .WithMessage("*a.pth*they are finite, but what the network computes of them is not*logits of a probe*'lm_head.weight' up to*");
        PretrainedModel.LoadCheckpoint(_folder.File("a.pth"), s_untied, SmallModel.TokenizerFolder,
            new ModelLoadOptions { AllowNonFiniteWeights = true }).Dispose();
    }

    [Fact]
    public void LoadCheckpoint_OneEmbeddingThatIsTooLarge_IsFoundAmongAll()
    {
        using PretrainedModel model = SmallModel.Create(config: s_untied);
        Set(model, "model.embed_tokens.weight", 1e38f);
        model.SaveCheckpoint(_folder.File("a.pth"), WeightPrecision.Float32);

        FluentActions.Invoking(() => PretrainedModel.LoadCheckpoint(_folder.File("a.pth"), s_untied, SmallModel.TokenizerFolder)).Should()
            .Throw<WeightFileException>()
            .WithMessage("*tensor 'model.embed_tokens.weight'*a magnitude of 1E+38*");
    }

    [Fact]
    public void LoadModel_FileOfMLNetWithNaN_IsRefusedUnlessAllowed()
    {
        MLContext context = new(seed: 1);
        using DpoTransformer scorer = TinyScorer.Create();
        using (PretrainedModel policy = scorer.AsModel())
            Set(policy, "model.norm.weight", float.PositiveInfinity);
        string path = _folder.File("dpo.zip");
        context.Model.SaveAtomically(scorer, null, path);

        FluentActions.Invoking(() => context.Preferences.LoadModel(path)).Should().Throw<InvalidDataException>()
            .WithMessage("*dpo.zip*'model.norm.weight'*1 infinite of 4*");
        FluentActions.Invoking(() => context.Model.Load(path, out _)).Should().Throw<Exception>().Which.GetBaseException().Message.Should()
            .Contain("'model.norm.weight'");
        ((IDisposable)context.Preferences.LoadModel(path, new ModelLoadOptions { AllowNonFiniteWeights = true })).Dispose();
        FluentActions.Invoking(() => context.Preferences.LoadModel(path)).Should().Throw<InvalidDataException>("one load's options are not the next one's");
    }

    [Fact]
    public void SaveCheckpoint_WeightBeyondHalfPrecision_IsRefusedAndTheOldFileStays()
    {
        using PretrainedModel model = SmallModel.Create();
        string path = _folder.File("a.pth");
        model.SaveCheckpoint(path);
        byte[] old = File.ReadAllBytes(path);
        Set(model, "model.norm.weight", 70_000f);

        FluentActions.Invoking(() => model.SaveCheckpoint(path)).Should().Throw<InvalidOperationException>()
            .WithMessage("Float16 cannot hold*'model.norm.weight' up to 70000*");
        FluentActions.Invoking(() => model.SaveModel(_folder.File("model"), WeightPrecision.Float16)).Should().Throw<InvalidOperationException>();

        File.ReadAllBytes(path).Should().Equal(old);
        model.SaveCheckpoint(path, WeightPrecision.BFloat16);
        PretrainedModel.LoadCheckpoint(path, model.Config, SmallModel.TokenizerFolder).Dispose();
    }

    private static Parameter Named(PretrainedModel model, string name) => model.Network.Network.named_parameters().Single(p => p.name == name).parameter;

    private static void Fill(PretrainedModel model, string name, float value)
    {
        using IDisposable noGradient = torch.no_grad();
        Named(model, name).fill_(value);
    }

    private static void Set(PretrainedModel model, string name, float value)
    {
        using IDisposable noGradient = torch.no_grad();
        using torch.Tensor flat = Named(model, name).view(-1);
        flat[flat.NumberOfElements / 2] = value;
    }
}
