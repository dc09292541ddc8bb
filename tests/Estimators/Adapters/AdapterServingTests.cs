using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Weights;
using AdaptedNetwork = MiniMind.MLNet.Dpo.Tests.Modeling.Adapters.AdaptedNetwork;

namespace MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;

/// <summary>Trained adapters in use: on, off, several on one model, merged.</summary>
public sealed class AdapterServingTests : IDisposable
{
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxNewTokens = 12 };

    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Transform_WithAndWithoutAdapter_ScoresThePolicyAndTheReference()
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model) with { Epochs = 4 });
        using DpoTransformer off = trained.WithoutAdapter();
        using LoraAdapter adapter = trained.ExtractAdapter();
        using DpoTransformer on = off.WithAdapter(adapter);

        List<PreferenceScore> scores = AdapterRun.Scores(_context, trained), without = AdapterRun.Scores(_context, off),
            again = AdapterRun.Scores(_context, on);

        (trained.HasAdapter, off.HasAdapter, on.HasAdapter).Should().Be((true, false, true));
        without.Should().OnlyContain(score => score.Margin == 0 && score.ChosenReward == 0, "the reference is the model with the adapter off");
        again.Select(score => (score.ChosenLogProb, score.Margin)).Should().Equal(scores.Select(score => (score.ChosenLogProb, score.Margin)));
        for (int i = 0; i < scores.Count; i++)
            scores[i].ChosenReward.Should().BeApproximately((float)(0.15 * (scores[i].ChosenLogProb - without[i].ChosenLogProb)), 1e-6f);
        scores.Should().Contain(score => Math.Abs(score.Margin) > 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MergeAdapter_Scores_AreTheAdaptersWithinRounding(bool dora)
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model, AdapterRun.Four with { Dora = dora }) with { Epochs = 4 });
        using PretrainedModel merged = trained.MergeAdapter(), policy = trained.AsModel();

        merged.HasAdapter.Should().BeFalse();
        Tensors(merged).Zip(Tensors(policy)).Should().Contain(pair => !pair.First.equal(pair.Second).all().item<bool>(), "a merged model is not the bare one");
        using DpoTransformer plain = AdapterRun.Fit(_context, AdapterRun.Options(merged) with { Adapter = null, LearningRate = 0, ReferenceModel = _model });
        List<PreferenceScore> ours = AdapterRun.Scores(_context, trained), theirs = AdapterRun.Scores(_context, plain);
        for (int i = 0; i < ours.Count; i++)
            theirs[i].ChosenLogProb.Should().BeApproximately(ours[i].ChosenLogProb, 2e-5f);
    }

    [Fact]
    public void SaveModel_OfAPolicyWithAdapter_WritesTheMergedWeights()
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model));
        using PretrainedModel merged = trained.MergeAdapter(), policy = trained.AsModel();

        trained.SaveModel(_folder.File("one"));
        policy.SaveModel(_folder.File("two"));
        policy.SaveCheckpoint(_folder.File("three.pth"), WeightPrecision.Float32);

        using PretrainedModel one = PretrainedModel.Load(_folder.File("one")), two = PretrainedModel.Load(_folder.File("two"));
        string expected = WeightHash.Sha256(merged.Network.Network);
        WeightHash.Sha256(one.Network.Network).Should()
            .Be(expected).And.Be(WeightHash.Sha256(two.Network.Network)).And.NotBe(WeightHash.Sha256(_model.Network.Network));
        using PretrainedModel three = PretrainedModel.LoadCheckpoint(_folder.File("three.pth"), _model.Config, SmallModel.TokenizerFolder);
        WeightHash.Sha256(three.Network.Network).Should().Be(expected);
    }

    [Fact]
    public async Task AsChatClient_TwoAdaptersOnFourThreads_EachAnswersAsAlone()
    {
        using PretrainedModel first = Adapted(1), second = Adapted(2);
        IChatClient[] clients = [first.AsChatClient(s_greedy), second.AsChatClient(s_greedy), _model.AsChatClient(s_greedy)];
        string[] alone = new string[clients.Length];
        for (int i = 0; i < clients.Length; i++)
            alone[i] = (await clients[i].GetResponseAsync("Who bakes the bread?")).Text;
        alone.Distinct().Should().HaveCount(3, "each adapter, and none, answers otherwise");
        first.Dispose();

        string[][] threads = await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            string[] answers = new string[clients.Length];
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < clients.Length; i++)
                {
                    int which = (i + thread) % clients.Length;
                    answers[which] = (await clients[which].GetResponseAsync("Who bakes the bread?")).Text;
                }
            }
            return answers;
        })));

        threads.Should().AllSatisfy(answers => answers.Should().Equal(alone));
        foreach (IChatClient client in clients)
            client.Dispose();
    }

    [Fact]
    public void Transform_TwoAdaptersOnFourThreads_ScoreAsAlone()
    {
        using DpoTransformer one = AdapterRun.Fit(_context, AdapterRun.Options(_model)),
            two = AdapterRun.Fit(_context, AdapterRun.Options(_model) with { LearningRate = 1e-2, Seed = 7 });
        DpoTransformer[] both = [one, two];
        float[][] alone = [.. both.Select(Margins)];
        alone[0].Should().NotEqual(alone[1]);

        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Margins(both[i % 2]).Should().Equal(alone[i % 2]));

        float[] Margins(DpoTransformer trained) => [.. AdapterRun.Scores(new MLContext(seed: 1), trained).Select(score => score.Margin)];
    }

    [Fact]
    public async Task InFormat_Int8_AnswersAndComesBack()
    {
        using PretrainedModel int8 = _model.InFormat(FrozenFormat.Int8);

        int8.Format.Should().Be(FrozenFormat.Int8);
        int8.ParameterCount.Should().Be(_model.ParameterCount);
        using IChatClient client = int8.AsChatClient(s_greedy);
        (await client.GetResponseAsync("Who bakes the bread?")).Text.Should().NotBeNull();
        using PretrainedModel back = int8.InFormat(FrozenFormat.Float32), again = back.InFormat(FrozenFormat.Int8);
        foreach ((string name, StoredMatrix matrix) in again.Network.Network.Matrices)
            AdaptedNetwork.Same(matrix.Weight, int8.Network.Network.Matrices[name].Weight).Should().BeTrue(name);
    }

    [Fact]
    public void Adapter_OfAModelWithout_IsRefused()
    {
        FluentActions.Invoking(_model.ExtractAdapter).Should().Throw<InvalidOperationException>().WithMessage("The model has no adapter.");
        FluentActions.Invoking(() => _model.SaveAdapter(_folder.Path)).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => _model.InFormat((FrozenFormat)7)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static IEnumerable<TorchSharp.torch.Tensor> Tensors(PretrainedModel model) => model.Network.Network.named_parameters().Select(p => p.parameter);

    private PretrainedModel Adapted(int seed) =>
        new(new SharedNetwork(AdaptedNetwork.Trained(_model.Network.Network, new LoraOptions { Rank = 4, Alpha = 400 }, seed)), _model.Tokenizer,
            _model.ChatTemplate);
}
